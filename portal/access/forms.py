"""What people type to come in."""

from flask_wtf import FlaskForm
from wtforms import EmailField, StringField
from wtforms.validators import InputRequired, Length, Regexp


class AddressForm(FlaskForm):
    """Asks for a link: one work address."""

    address = EmailField(
        "Uw werkmailadres",
        validators=[
            InputRequired("Vul uw werkmailadres in."),
            Length(max=254, message="Dit adres is te lang. Vul een adres van hoogstens 254 tekens in."),
            Regexp(r"\s*[^@\s]+@[^@\s]+\.[^@\s]+\s*$", message="Vul een e-mailadres in zoals naam@organisatie.nl."),
        ],
    )


class CodeForm(FlaskForm):
    """Takes the code from the mail."""

    code = StringField(
        "Code uit de mail",
        validators=[
            InputRequired("Vul de code van 8 tekens uit de mail in."),
            Length(max=40, message="De code heeft 8 tekens."),
        ],
    )


class PlainForm(FlaskForm):
    """Only a button; carries the form token."""
