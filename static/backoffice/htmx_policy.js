/* htmx obeys the content security policy, and keeps no page in the browser's storage. */

"use strict";

(() => {
    if (window.htmx) {
        htmx.config.includeIndicatorStyles = false;
        htmx.config.allowEval = false;
        htmx.config.allowScriptTags = false;
        htmx.config.historyCacheSize = 0;
    }
})();
