// Draws every <canvas data-chart="name"> from the page's JSON. The same numbers stand beside it as text.
(() => {
  const plots = JSON.parse(document.getElementById("plots").textContent);
  const drawn = [];
  // A variable may be made of others: only an element that uses it knows the colour.
  const probe = document.body.appendChild(document.createElement("i"));
  const color = name => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };

  function draw(canvas) {
    const series = plots[canvas.dataset.chart];
    const quiet = color("--quiet"), line = color("--tblr-border-color");
    const axis = { grid: { color: line }, ticks: { color: quiet, maxRotation: 0, autoSkipPadding: 16, precision: 0 }, stacked: true };
    drawn.push(new Chart(canvas, {
      type: "bar",
      data: {
        labels: plots.labels,
        datasets: series.map(each => ({
          label: each.label, data: each.values, backgroundColor: color(`--tone-${each.tone}`), maxBarThickness: 24,
        })),
      },
      options: {
        animation: false,
        maintainAspectRatio: false,
        interaction: { mode: "index", intersect: false },
        plugins: { legend: { display: series.length > 1, labels: { color: quiet, boxWidth: 12 } } },
        scales: { x: { ...axis, grid: { display: false } }, y: { ...axis, beginAtZero: true } },
      },
    }));
  }

  function drawAll() {
    drawn.splice(0).forEach(chart => chart.destroy());
    document.querySelectorAll("canvas[data-chart]").forEach(draw);
  }

  drawAll();
  // The colours are the theme's.
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  new MutationObserver(drawAll).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
})();
