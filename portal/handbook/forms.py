"""What readers type to look back."""

from datetime import date

from flask_wtf import FlaskForm
from wtforms import Field, StringField, ValidationError
from wtforms.validators import InputRequired, Optional

from portal import web
from portal.lib import clock


def _day(typed: str | None) -> date | None:
    return clock.day_typed(typed or "", clock.day_of(web.request_time()))


def _is_day(_form: FlaskForm, field: Field) -> None:
    if _day(field.data) is None:
        raise ValidationError(clock.fault_of_day(field.data, "Dit is geen dag. Schrijf een dag zoals 1-12-2026."))


class DayForm(FlaskForm):
    """Asks for a day, and for the day whose knowledge counts. Its names are those of the address it leads to."""

    class Meta:
        """It changes nothing, so it needs no token."""

        csrf = False

    dag = StringField("Dag", validators=[InputRequired("Vul een dag in, zoals 1-12-2026."), _is_day])
    bekend = StringField("Zoals bekend op", validators=[Optional(), _is_day])

    @property
    def on(self) -> date | None:
        """The day that was typed."""
        return _day(self.dag.data)

    @property
    def known(self) -> date | None:
        """The day whose knowledge counts, if one was typed."""
        return _day(self.bekend.data)
