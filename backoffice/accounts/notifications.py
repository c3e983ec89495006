"""What e-mails say of changes to somebody's password, passkeys and codes, by the name that allauth gives each."""

CHANGES = {  # the subject, and what was done
    "account/email/password_changed": (
        "Your password was changed",
        "The password of your account was changed.",
    ),
    "account/email/password_reset": (
        "Your password was changed",
        "A new password was chosen for your account, by a link that was sent to this address.",
    ),
    "account/email/password_set": (
        "You have a password now",
        "A password was chosen for your account, which had none before.",
    ),
    "mfa/email/recovery_codes_generated": (
        "There are new recovery codes",
        "New recovery codes were made for your account. The codes that you had before work no more.",
    ),
    "mfa/email/totp_activated": (
        "An authenticator app was set up",
        "From now on, you sign in with your password and a code of the authenticator app that was set up.",
    ),
    "mfa/email/totp_deactivated": (
        "The authenticator app was removed",
        "The authenticator app was removed from your account. Its codes work no more.",
    ),
    "mfa/email/webauthn_added": (
        "A passkey was added",
        "A passkey was added to your account. Whoever has it can sign in as you.",
    ),
    "mfa/email/webauthn_removed": (
        "A passkey was removed",
        "A passkey was removed from your account. It signs nobody in any more.",
    ),
}
TEXT = """{what}

When: {when}
Device: {device}
From the address: {address}

If it was not you, choose a new password at once. That signs out everybody who is signed in as you."""
