"""What someone with an invitation types."""

from flask_wtf import FlaskForm
from wtforms import EmailField
from wtforms.validators import InputRequired, Length


class MailboxForm(FlaskForm):
    """Asks for the work address at the organisation that was invited."""

    address = EmailField(
        "Uw werkmailadres",
        validators=[
            InputRequired("Vul uw werkmailadres in."),
            Length(max=254, message="Dit adres is te lang. Vul een adres van hoogstens 254 tekens in."),
        ],
    )
