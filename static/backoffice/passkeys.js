/* What allauth's scripts leave open about passkeys: words where the browser has none, or where it failed. */

"use strict";

(() => {
    const GIVEN_UP = new Set(["AbortError", "NotAllowedError"]);
    const WORDS = {
        InvalidStateError: "This device already keeps a passkey for your account.",
        NotSupportedError: "This device cannot keep a passkey.",
        SecurityError: "Passkeys do not work at this address.",
    };
    const GIVEN_UP_WORDS = "No passkey was used. Try again, or choose another way.";
    const UNKNOWN_WORDS = "The passkey could not be used. Try again.";

    function say(words) {
        for (const place of document.querySelectorAll("[data-passkey-mistake]")) {
            place.textContent = typeof words === "function" ? words(place) : words;
            place.hidden = false;
        }
    }

    document.addEventListener("allauth.error", (event) => {
        const { name } = event.detail.exception;
        event.preventDefault();
        say(GIVEN_UP.has(name) ? (place) => place.dataset.givenUp || GIVEN_UP_WORDS : WORDS[name] || UNKNOWN_WORDS);
    });

    document.addEventListener("DOMContentLoaded", () => {
        if (!window.PublicKeyCredential && document.querySelector("[data-passkey-mistake]")) {
            say("This browser has no passkeys here.");
        }
    });
})();
