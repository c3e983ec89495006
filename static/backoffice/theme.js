/* The dark theme for a page without Unfold's own switch: as the device asks for it. */

"use strict";

(() => {
    const dark = window.matchMedia("(prefers-color-scheme: dark)");
    const follow = () => document.documentElement.classList.toggle("dark", dark.matches);
    follow();
    dark.addEventListener("change", follow);
})();
