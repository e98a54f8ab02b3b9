"""What people type about their second factor. Names begin with ``factor_``: they travel with the fields of others."""

from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired, Length


class CodeForm(FlaskForm):
    """Takes a code of the app, or a recovery code."""

    factor_code = StringField(
        "Code uit uw app",
        validators=[InputRequired("Vul de code in."), Length(max=40, message="Deze code is te lang.")],
    )


class NameForm(FlaskForm):
    """Takes the name a person gives to a passkey."""

    factor_name = StringField(
        "Naam van deze passkey",
        validators=[Length(max=60, message="Deze naam is te lang. Vul hoogstens 60 tekens in.")],
    )


class PlainForm(FlaskForm):
    """Only a button; carries the form token."""
