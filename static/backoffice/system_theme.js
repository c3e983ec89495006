/* The system's theme where Unfold's switch says so: an open page follows it when it changes. */

"use strict";

(() => {
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
        const page = window.Alpine?.$data(document.documentElement);
        if (page?.adminTheme === "auto") {
            page.adminTheme = ""; // Alpine asks for the class again once this has changed
            page.adminTheme = "auto";
        }
    });
})();
