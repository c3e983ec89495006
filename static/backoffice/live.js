/* An open page looks again by itself, only while somebody can see it: counts of the menu, the first page, a check. */

"use strict";

(() => {
    const EVERY_SECONDS = 30;
    const waiting = new Map(); /* what was to be asked for while nobody saw the page: of each element once */

    function lookAgain() {
        const source = document.getElementById("live");
        if (source && !document.hidden) {
            htmx.trigger(source, "look-again");
        }
    }

    /* A part that somebody has opened or stands in stays as it is. */
    function isUsed(part) {
        return part.contains(document.activeElement) || part.querySelector("details[open]") !== null;
    }

    function renew(before, now) {
        document.querySelectorAll("[hx-trigger='stale']").forEach((part) => {
            if (before && before !== now && !isUsed(part)) {
                htmx.trigger(part, "stale");
            }
        });
    }

    let version = "";
    document.addEventListener("htmx:afterRequest", (event) => {
        const now = document.getElementById("live-version")?.dataset.version;
        if (event.target.id === "live" && now) {
            renew(version, now);
            version = now;
        }
    });

    /* Whatever is asked for by itself waits while the tab is hidden. */
    document.addEventListener("htmx:confirm", (event) => {
        if (document.hidden && event.detail.verb === "get") {
            event.preventDefault();
            waiting.set(event.detail.elt, () => event.detail.issueRequest());
        }
    });
    document.addEventListener("visibilitychange", () => {
        if (!document.hidden) {
            waiting.forEach((ask, element) => element.isConnected && ask());
            waiting.clear();
            lookAgain();
        }
    });

    document.addEventListener("DOMContentLoaded", lookAgain);
    setInterval(lookAgain, EVERY_SECONDS * 1000);
})();
