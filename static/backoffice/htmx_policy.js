/* htmx obeys the content security policy. */

"use strict";

(() => {
    if (window.htmx) {
        htmx.config.includeIndicatorStyles = false;
        htmx.config.allowEval = false;
    }
})();
