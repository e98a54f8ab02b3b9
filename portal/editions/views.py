"""The address where an edition is fetched, and what the page of a release says of it."""

from io import BytesIO
from typing import Any

from flask import Blueprint, Flask, request, send_file

from portal import db, web
from portal.access import guard
from portal.access.permissions import Permission, allows, requires
from portal.editions.bundle import edition_name
from portal.editions.downloads import record_download
from portal.editions.keeping import edition, kept_size
from portal.editions.signing import in_groups, signing_key
from portal.lib.errors import Forbidden, NotFound
from portal.releases.models import Release

blueprint = Blueprint("editions", __name__)
ONLY_EDITORS = "Alleen de redactie haalt een uitgave op met wat alleen voor de Regio is."


def init_app(app: Flask) -> None:
    """Let the page of a release offer its edition."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals["offline_uitgave"] = offered


@blueprint.get("/uitgaven/<int:number>/bundel")
@requires(Permission.HANDBOOK_READ)
def bundle(number: int) -> Any:
    """The edition of a release. Getting it leaves a line in the log, or it is not given."""
    everything = request.args.get("alles") == "ja"
    if everything and not allows(guard.person().groups, Permission.EDITION_TAKE_ALL):
        raise Forbidden(ONLY_EDITORS)
    data = edition(db.session(), web.config(), at=web.request_time(), number=number, everything=everything)
    if data is None:
        raise NotFound
    if request.method == "GET":
        with db.side_note() as note:
            key, at = signing_key(web.config().secret_key), web.request_time()
            record_download(note, number, data, key, everything=everything, by=guard.actor(), at=at)
    name = edition_name(number, everything=everything)
    return send_file(BytesIO(data), mimetype="application/zip", as_attachment=True, download_name=name, etag=False)


def offered(release: Release, *, everything: bool = False) -> dict[str, Any]:
    """Return what a link to an edition says: its size in bytes once it was made, and the fingerprint of the key."""
    config, at = web.config(), web.request_time()
    number = release.number or 0
    size = kept_size(db.session(), config, at=at, number=number, everything=everything)
    return {"size": size, "fingerprint": in_groups(signing_key(config.secret_key).public.fingerprint)}
