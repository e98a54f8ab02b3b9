"""The application: this file is the table of contents of the portal."""

from collections.abc import Sequence

from flask import Flask

from portal import db, web
from portal.access import guard
from portal.access import views as access_views
from portal.admin import destroying as _destroying  # noqa: F401 # puts its pages on the blueprint of the beheerder
from portal.admin import kits as _kits  # noqa: F401 # the same
from portal.admin import links as _admin_links  # noqa: F401 # the same
from portal.admin import sessions as _sessions  # noqa: F401 # the same
from portal.admin import sso as _sso  # noqa: F401 # puts its pages on the blueprint of the views
from portal.admin import views as admin_views
from portal.bulletins import views as bulletins
from portal.config import Config
from portal.desk import blueprint as desk
from portal.editions import views as editions
from portal.factors import asking
from portal.factors import own as _own  # noqa: F401 # puts its pages on the blueprint of the factors
from portal.factors import views as factor_views
from portal.handbook import between as _between  # noqa: F401 # puts its pages on the blueprint of the frame
from portal.handbook import frame, lens, lookback
from portal.handbook import versions as _versions  # noqa: F401 # the same
from portal.handbook import views as _views  # noqa: F401 # the same
from portal.lib.tokens import Seal
from portal.links import leaving as _leaving  # noqa: F401 # adds what ends when an organisation leaves
from portal.links import views as links
from portal.publishing import leaving as _open_work  # noqa: F401 # adds what ends when people are closed off
from portal.sso import views as sso


def create_app(config: Config, guests: Sequence[access_views.Guest] = ()) -> Flask:
    """Return the application for these settings. ``guests`` are the people of the demonstration."""
    app = Flask(__name__, template_folder=str(web.ROOT / "templates"))
    app.secret_key = config.secret_key
    app.extensions.update(portal_seal=Seal(config.secret_key), portal_guests=tuple(guests))
    app.jinja_env.globals["demonstratie"] = config.demonstration
    web.init_app(app, config)
    db.init_app(app, config.database_url)
    guard.init_app(app)
    asking.init_app(app)
    lens.init_app(app)
    app.register_blueprint(access_views.blueprint)
    app.register_blueprint(factor_views.blueprint)
    sso.init_app(app)
    app.register_blueprint(frame.blueprint)
    editions.init_app(app)
    bulletins.init_app(app)
    links.init_app(app)
    app.register_blueprint(desk)
    app.register_blueprint(admin_views.blueprint)
    app.register_blueprint(lookback.blueprint)
    lookback.init_app(app)
    return app
