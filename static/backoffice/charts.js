/* A picture of the table beside it: bars of what became of mail, or lines of times. The table is what is read aloud.

   Kinds differ by pattern as well as by colour, lines by their dashes and points. Colours come from the stylesheet. */

"use strict";

(() => {
    const charts = [];
    const DRAWN = {  // of a tile of eight by eight pixels, over the colour
        sent: () => {},
        deferred: (pen) => { pen.moveTo(0, 8); pen.lineTo(8, 0); },
        held: (pen) => { pen.moveTo(4, 0); pen.lineTo(4, 8); },
        uncertain: (pen) => { pen.moveTo(0, 4); pen.lineTo(8, 4); },
        failed: (pen) => { pen.moveTo(0, 0); pen.lineTo(8, 8); pen.moveTo(0, 8); pen.lineTo(8, 0); },
    };

    function colour(name) {
        return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    }

    function filled(series) {
        const tile = document.createElement("canvas");
        tile.width = tile.height = 8;
        const pen = tile.getContext("2d");
        pen.fillStyle = colour(`--${series}`);
        pen.fillRect(0, 0, 8, 8);
        pen.strokeStyle = colour("--surface");
        pen.lineWidth = 1.5;
        (DRAWN[series] || DRAWN.sent)(pen);
        pen.stroke();
        return pen.createPattern(tile, "repeat");
    }

    function seriesOf(table) {
        const heads = [...table.querySelectorAll("thead [data-series]")];
        const rows = [...table.querySelectorAll("tbody tr")];
        return heads.map((head) => ({
            name: head.dataset.series,
            label: head.textContent,
            data: rows.map((row) => {
                const value = row.children[head.cellIndex].dataset.value;
                return value === "" ? null : Number(value);
            }),
        }));
    }

    function seconds(value) {
        const [size, unit] = [[86400, "d"], [3600, "h"], [60, "min"]].find(([each]) => value >= each) || [1, "s"];
        return `${Number((value / size).toPrecision(3))} ${unit}`;
    }

    function datasetOf(series, kind) {
        if (kind === "bars") {
            return { label: series.label, data: series.data, backgroundColor: filled(series.name), maxBarThickness: 36 };
        }
        const isHalf = series.name === "half";
        return {
            label: series.label,
            data: series.data,
            borderColor: colour(isHalf ? "--sent" : "--deferred"),
            backgroundColor: colour("--surface"),
            borderDash: isHalf ? [] : [6, 4],
            borderWidth: 2,
            pointStyle: isHalf ? "circle" : "rect",
            pointRadius: 4,
            spanGaps: true,
        };
    }

    function axes(kind) {
        const [line, text] = [colour("--line"), colour("--text")];
        const stacked = kind === "bars";
        const x = { stacked, grid: { display: false }, ticks: { color: text, maxRotation: 0, autoSkipPadding: 12 } };
        const y = { stacked, beginAtZero: true, grid: { color: line }, ticks: { color: text, maxTicksLimit: 5 } };
        if (stacked) {
            y.ticks.precision = 0;
        } else {
            y.ticks.callback = seconds;
        }
        return { x, y };
    }

    function configuration(figure) {
        const kind = figure.dataset.chart;
        const table = figure.querySelector("table");
        const labels = [...table.querySelectorAll("tbody th")].map((head) => head.textContent);
        const said = (item) => `${item.dataset.label}: ${kind === "bars" ? item.parsed.y.toLocaleString() : seconds(item.parsed.y)}`;
        return {
            type: kind === "bars" ? "bar" : "line",
            data: { labels, datasets: seriesOf(table).map((each) => datasetOf(each, kind)) },
            options: {
                animation: false,
                maintainAspectRatio: false,
                interaction: { mode: "index", intersect: false },
                scales: axes(kind),
                plugins: {
                    legend: { position: "bottom", labels: { color: colour("--text"), usePointStyle: kind !== "bars" } },
                    tooltip: { callbacks: { label: said } },
                },
            },
        };
    }

    function draw(figure) {
        const chart = new Chart(figure.querySelector("canvas"), configuration(figure));
        charts.push([chart, figure]);
    }

    function drawAnew() {
        charts.forEach(([chart, figure]) => {
            const { data, options } = configuration(figure);
            Object.assign(chart, { data, options });
            chart.update();
        });
    }

    window.addEventListener("load", () => {
        if (!window.Chart) {
            return;
        }
        Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
        document.querySelectorAll("[data-chart]").forEach(draw);
        new MutationObserver(drawAnew).observe(document.documentElement, { attributeFilter: ["class"] });
    });
})();
