"""The offline edition: one release as a signed ZIP file that opens without a network, and the check of such a file.

``book`` gathers what is in it, ``readers`` takes out what names a closed item, ``pages`` and ``places`` make the HTML,
``bundle`` puts everything together under a signed manifest (``signing``), ``keeping`` keeps the made bytes, and
``verifying`` judges a file that anybody hands in.
"""
