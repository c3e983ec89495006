"""The message that every contestant sends: text and HTML, about 2 KB on the wire, one recipient, each time another."""

SENDER = "no-reply@platform.test"
SUBJECT = "Your order has been sent"
TEXT = "\n".join(
    [
        "Good morning,",
        "",
        "your order has left our house today and will reach you within three working days. It is carried by",
        "the parcel service that you chose; under the address below you see where it is at any time.",
        "",
        "https://shop.platform.test/orders/2026-11-0815",
        "",
        *(f"  {count} x article {number}, {count * 12}.50" for number, count in enumerate((2, 1, 4), start=4711)),
        "",
        "If something is missing or broken, answer this mail: a person reads it.",
        "",
        "With kind regards, your shop",
    ]
)
HTML = (
    '<!doctype html><html lang="en"><body style="font-family: sans-serif; color: #222"><h1>Good morning,</h1>\n'
    "<p>your order has left our house today and will reach you within three working days. It is carried by\n"
    "the parcel service that you chose; <a href='https://shop.platform.test/orders/2026-11-0815'>see where it is</a>\n"
    "at any time.</p>\n<table><thead><tr><th>Article</th><th>Pieces</th><th>Price</th></tr></thead><tbody>\n"
    + "".join(
        f"<tr><td>article {number}</td><td>{count}</td><td>{count * 12}.50</td></tr>\n"
        for number, count in enumerate((2, 1, 4), start=4711)
    )
    + "</tbody></table>\n<p>If something is missing or broken, answer this mail: a person reads it.</p>\n"
    "<p>With kind regards, your shop</p></body></html>\n"
)


def recipient(number: int) -> str:
    return f"customer{number}@users.test"


def recipients(count: int) -> list[str]:
    return [recipient(number) for number in range(count)]
