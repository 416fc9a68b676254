"""Names that somebody might send: every kind of key that S3 takes."""

from __future__ import annotations

from typing import Final

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html: any UTF-8, 1,024 bytes.
# Those that a file may have as well, whatever the file system.
FILES: Final = (
    "plain.jpg", " leading and trailing .jpg ", "dot.jpg.", "..jpg", "...", "-rf.jpg", "--help",
    "a+b.jpg", "a%20b.jpg", "100%.jpg", "%", "%2e%2e%2f.jpg", "a&b=c?d#e.jpg", "q'uo\"te.jpg",
    "back\\slash.jpg", "`id`$(id);|.jpg", "<script>alert(1)</script>.jpg", "{{7*7}}${7*7}.jpg",
    "=1+1.jpg", "+1.jpg", "-1+1.jpg", "@SUM(1).jpg", "\t=1.jpg", "\uff1d1.jpg", "=cmd|'/C calc'!A0",
    "emoji \U0001f468\u200d\U0001f469\u200d\U0001f467.jpg", "\u202egpj.exe", "\u2066bidi\u2069.jpg",
    "zero\u200bwidth\ufeff.jpg", "\u0645\u0631\u062d\u0628\u0627.jpg", "\u65e5\u672c.jpg",
    "NFC-\u00e9.jpg", "NFD-e\u0301.jpg", "Case.jpg", "case.JPG", "CASE.jpg",
    "line\u2028separator.jpg", "next\x85line.jpg", "csi\x9b31m.jpg", "del\x7f.jpg",
    "[bold]x[/].jpg",
    "processed-x.jpg", "gallery.json", "index.html", "CON", "nul.jpg", "\U000e0041tag.jpg",
    "l" + "o" * 200 + "ng.jpg",
)  # fmt: skip
# Those that only another client can send.
KEYS: Final = (
    "/leading.jpg", "double//slash.jpg", "./dot.jpg", "a/./b.jpg", "../up.jpg", "a/../b.jpg",
    "tab\t.jpg", "line\nfeed.jpg", "deep/" * 100 + "x.jpg",
    "\U0001f600" * 230 + ".jpg", "k" * 900, "x/processed-x.jpg", "a/b.jpg/c.jpg",
)  # fmt: skip
