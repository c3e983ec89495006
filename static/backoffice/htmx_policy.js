/* htmx obeys the content security policy, keeps no page in the browser's storage, and shows a form that is refused. */

"use strict";

(() => {
    if (window.htmx) {
        htmx.config.includeIndicatorStyles = false;
        htmx.config.allowEval = false;
        htmx.config.allowScriptTags = false;
        htmx.config.historyCacheSize = 0;
        htmx.config.responseHandling = [{ code: "422", swap: true }, ...htmx.config.responseHandling];
    }
})();
