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

  // As in the strips: what failed is hollow, since colour alone must not tell.
  const look = tone => {
    const full = color(`--tone-${tone}`);
    if (tone !== "danger") return { backgroundColor: full };
    return { backgroundColor: color("--plot-hollow"), borderColor: full, borderWidth: 2, borderSkipped: false };
  };

  function draw(canvas) {
    const series = plots[canvas.dataset.chart];
    const quiet = color("--quiet"), line = color("--tblr-border-color");
    const words = { color: quiet, maxRotation: 0 };
    drawn.push(new Chart(canvas, {
      type: "bar",
      data: {
        labels: plots.labels,
        datasets: series.map(each => ({
          label: each.label, data: each.values, maxBarThickness: 24, ...look(each.tone),
        })),
      },
      options: {
        animation: false,
        maintainAspectRatio: false,
        interaction: { mode: "index", intersect: false },
        plugins: { legend: { display: series.length > 1, labels: { color: quiet, boxWidth: 12 } } },
        scales: {
          x: { stacked: true, grid: { display: false }, ticks: { ...words, autoSkipPadding: 16 } },
          y: { stacked: true, beginAtZero: true, grid: { color: line }, ticks: { ...words, precision: 0, maxTicksLimit: 6 } },
        },
      },
    }));
  }

  function drawAll() {
    drawn.splice(0).forEach(chart => chart.destroy());
    document.querySelectorAll("canvas[data-chart]").forEach(draw);
  }

  drawAll();
  // The colours are the theme's, or the system's.
  for (const change of ["prefers-color-scheme: dark", "forced-colors: active"]) {
    matchMedia(`(${change})`).addEventListener("change", drawAll);
  }
  new MutationObserver(drawAll).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
})();
