// The explorer: what a reader chooses goes into the chart, the table and the page's address.
"use strict";
(() => {
  const DAY = 86400000;
  const spec = JSON.parse(document.getElementById("chart-spec").textContent);
  const palette = JSON.parse(document.getElementById("chart-palette").textContent);
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const count = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });
  const iso = (time) => new Date(time).toISOString().slice(0, 10);
  const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
  const number = (value) => value >= 1000 ? count.format(Math.round(value)) : String(Number(value.toPrecision(3)));
  const p = (value) => (value < 0.001 ? "< 0.001" : value.toFixed(3));

  function cell(row, text, numeric) {
    const made = row.insertCell();
    made.textContent = text;
    if (numeric) made.className = "n";
  }

  function head(table, names, numericFrom) {
    const row = table.createTHead().insertRow();
    names.forEach((name, place) => {
      const made = document.createElement("th");
      made.scope = "col";
      made.textContent = name;
      if (place >= numericFrom) made.className = "n";
      row.append(made);
    });
    return table.createTBody();
  }

  class Explorer {
    constructor(root) {
      this.root = root;
      this.name = root.dataset.campaign;
      this.data = JSON.parse(document.getElementById(`data-${this.name}`).textContent);
      this.first = Date.parse(this.data.start);
      this.days = this.data.series[0].posts.length;
      this.part = (name) => root.querySelector(`[data-part="${name}"]`);
      this.state = {
        from: this.data.from, to: this.data.to, scale: "linear", measure: "posts",
        series: this.data.series.filter((one) => one.shown).map((one) => one.name), event: null, day: null,
      };
      this.controls();
    }

    index(day) { return clamp(Math.round((Date.parse(day) - this.first) / DAY), 0, this.days - 1); }
    date(index) { return iso(this.first + index * DAY); }

    // What the address says goes before what the page begins with; what cannot be is left out.
    restore(words) {
      const given = new URLSearchParams(words);
      const day = (value) => (/^\d{4}-\d{2}-\d{2}$/.test(value || "") && !Number.isNaN(Date.parse(value)) ? this.date(this.index(value)) : null);
      const known = this.data.series.map((one) => one.name);
      const chosen = (given.get("series") || "").split(",").filter((name) => known.includes(name));
      if (chosen.length) this.state.series = chosen;
      if (given.get("scale") === "log") this.state.scale = "log";
      if (given.get("measure") === "ratio") this.state.measure = "ratio";
      this.state.from = day(given.get("from")) || this.state.from;
      this.state.to = day(given.get("to")) || this.state.to;
      if (this.state.from >= this.state.to) Object.assign(this.state, { from: this.data.from, to: this.data.to });
      this.state.day = day(given.get("day"));
      if (this.data.events.some((one) => one.event === given.get("event"))) this.state.event = given.get("event");
      this.show();
    }

    address() {
      const { from, to, scale, measure, series, event, day } = this.state;
      const words = new URLSearchParams({ from, to, scale, measure, series: series.join(",") });
      if (event) words.set("event", event);
      if (day) words.set("day", day);
      return `#${encodeURIComponent(this.name)}?${words}`;
    }

    change(what) {
      Object.assign(this.state, what);
      history.replaceState(null, "", this.address());
      this.show();
    }

    controls() {
      for (const one of this.data.series) {
        const box = Object.assign(document.createElement("input"), { type: "checkbox", value: one.name });
        const label = document.createElement("label");
        label.append(box, one.label);
        this.part("series").append(label);
        box.addEventListener("change", () => {
          const boxes = [...this.part("series").querySelectorAll("input:checked")];
          if (!boxes.length) { box.checked = true; return; } // a chart of nothing helps nobody
          this.change({ series: boxes.map((each) => each.value) });
        });
      }
      for (const kind of ["scale", "measure"]) {
        for (const radio of this.part(kind).querySelectorAll("input")) {
          radio.addEventListener("change", () => this.change({ [kind]: radio.value }));
        }
      }
      for (const end of ["from", "to"]) {
        const input = this.part(end);
        Object.assign(input, { min: this.date(0), max: this.date(this.days - 1) });
        input.addEventListener("change", () => {
          const next = { ...this.state, [end]: input.value };
          if (input.value && next.from < next.to && input.checkValidity()) this.change({ [end]: input.value });
          else input.value = this.state[end];
        });
      }
      this.part("all").addEventListener("click", () => this.change({ from: this.date(0), to: this.date(this.days - 1) }));
      this.part("day").addEventListener("input", (event) => this.focus(this.date(Number(event.target.value))));
      this.part("day").addEventListener("change", () => history.replaceState(null, "", this.address()));
      for (const one of this.data.events) {
        const button = document.createElement("button");
        Object.assign(button, { type: "button", textContent: `${one.number === null ? "" : `${one.number}  `}${one.date}  ${one.title}` });
        button.dataset.event = one.event;
        button.addEventListener("click", () => this.change({ event: this.state.event === one.event ? null : one.event, day: one.date }));
        this.part("events").append(button);
      }
      this.part("table").addEventListener("toggle", () => this.table());
      this.part("csv").addEventListener("click", () => this.download());
      dark.addEventListener("change", () => this.draw());
    }

    show() {
      const { series, scale, measure, from, to, event } = this.state;
      for (const box of this.part("series").querySelectorAll("input")) box.checked = series.includes(box.value);
      for (const radio of this.part("scale").querySelectorAll("input")) radio.checked = radio.value === scale;
      for (const radio of this.part("measure").querySelectorAll("input")) radio.checked = radio.value === measure;
      Object.assign(this.part("from"), { value: from });
      Object.assign(this.part("to"), { value: to });
      const [low, high] = [this.index(from), this.index(to)];
      Object.assign(this.part("day"), { min: low, max: high });
      if (this.state.day === null || this.state.day < from || this.state.day > to) this.state.day = this.peak(low, high);
      for (const button of this.part("events").children) button.setAttribute("aria-pressed", String(button.dataset.event === event));
      this.estimates();
      this.focus(this.state.day);
      this.table();
      this.draw();
    }

    peak(low, high) {
      const posts = this.data.series[0].posts.slice(low, high + 1);
      return this.date(low + posts.indexOf(Math.max(...posts)));
    }

    value(one, index) { return this.state.measure === "ratio" ? (one.mean > 0 ? one.posts[index] / one.mean : 0) : one.posts[index]; }
    chosen() { return this.data.series.filter((one) => this.state.series.includes(one.name)); }

    // One day in words, and its line in the chart.
    focus(day) {
      this.state.day = day;
      const index = this.index(day);
      this.part("day").value = index;
      const posts = this.chosen().map((one) => `${one.label} ${number(this.value(one, index))}${this.state.measure === "ratio" ? " times its mean" : ""}`);
      const events = this.data.events.filter((one) => one.date === day).map((one) => one.title);
      const words = `${day}: ${posts.join("; ")}.${events.length ? ` Event: ${events.join("; ")}.` : ""}`;
      this.part("readout").textContent = words;
      this.part("day").setAttribute("aria-valuetext", words);
      if (this.view) this.view.data("focus", [{ date: day }]).runAsync();
    }

    estimates() {
      const panel = this.part("estimates");
      panel.replaceChildren();
      const one = this.data.events.find((each) => each.event === this.state.event);
      if (!one) { panel.textContent = "Select an event from the list, or click its number in the chart, to see its estimates."; return; }
      const title = document.createElement("h4");
      title.textContent = `${one.date}  ${one.title}`;
      panel.append(title);
      if (!one.estimates.length) { panel.append("No estimate: the event lies outside the model days or too close to their edge."); return; }
      const box = Object.assign(document.createElement("div"), { className: "scroll", tabIndex: 0 });
      box.setAttribute("role", "region");
      box.setAttribute("aria-label", "Estimates of the event");
      const table = document.createElement("table");
      const body = head(table, ["estimate", "ratio", "95 % interval", "p", "q", "usable"], 1);
      for (const row of one.estimates) {
        const line = body.insertRow();
        if (row.calibrated !== "yes") line.className = "grey";
        cell(line, row.what);
        cell(line, row.ratio === undefined ? "" : number(row.ratio), true);
        cell(line, row.ratio === undefined ? "" : `${number(row.lower)} to ${number(row.upper)}`, true);
        cell(line, p(row.p_value), true);
        cell(line, row.q_value === undefined ? "" : p(row.q_value), true);
        cell(line, row.calibrated === "yes" ? "yes" : row.calibrated === "no" ? "no: fails calibration here" : "no: not calibrated", true);
      }
      box.append(table);
      panel.append(box);
    }

    rows() {
      const [low, high] = [this.index(this.state.from), this.index(this.state.to)];
      return Array.from({ length: high - low + 1 }, (_, place) => low + place);
    }

    table() {
      const place = this.part("rows");
      place.replaceChildren();
      if (!this.part("table").open) return;
      const chosen = this.chosen();
      const table = document.createElement("table");
      const body = head(table, ["day", ...chosen.map((one) => one.label), "events"], 1);
      for (const index of this.rows()) {
        const row = body.insertRow();
        const day = this.date(index);
        cell(row, day);
        for (const one of chosen) cell(row, number(this.value(one, index)), true);
        cell(row, this.data.events.filter((one) => one.date === day).map((one) => one.title).join("; "));
      }
      place.append(table);
    }

    download() {
      const chosen = this.chosen();
      const quoted = (text) => `"${String(text).replaceAll('"', '""')}"`;
      const lines = this.rows().map((index) => [this.date(index), ...chosen.map((one) => this.value(one, index))].join(","));
      const text = [["date", ...chosen.map((one) => quoted(one.name))].join(","), ...lines, ""].join("\n");
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
      link.download = `${this.name}_${this.state.from}_${this.state.to}.csv`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    }

    // The specification of Altair with the reader's days, series, scale and measure in it.
    specification() {
      const made = structuredClone(spec);
      const { scale, measure, from, to } = this.state;
      const style = getComputedStyle(document.documentElement);
      const color = (name) => style.getPropertyValue(name).trim();
      const ink = color("--ink");
      const chosen = this.chosen();
      const looks = this.data.series.map((one, place) => ({ label: one.label, ...palette[place], color: place ? palette[place].color : ink }))
        .filter((look) => chosen.some((one) => one.label === look.label));
      const title = measure === "ratio" ? "Multiple of the series' daily mean" : "Posts per day";
      const width = Math.max(180, this.part("chart").clientWidth - 70);
      for (const view of made.vconcat) {
        view.width = width;
        for (const layer of view.layer || [view]) {
          const channels = layer.encoding;
          if (channels.y && channels.y.field === "value") {
            channels.y.scale = { type: scale === "log" ? "symlog" : "linear", zero: true };
            if (view.layer) channels.y.axis.title = title;
          }
          for (const [channel, key] of [["color", "color"], ["strokeDash", "dash"]]) {
            if (channels[channel]) channels[channel].scale = { domain: looks.map((look) => look.label), range: looks.map((look) => look[key]) };
          }
          for (const channel of ["color", "strokeDash"]) {
            if (channels[channel] && channels[channel].legend) channels[channel].legend.columns = width < 400 ? 2 : 4;
          }
          if (channels.x && channels.x.axis) channels.x.axis.tickCount = Math.max(2, Math.floor(width / 110));
          if (layer.data.name === "events") layer.encoding.color = { value: color("--muted") };
          if (layer.data.name === "focus") layer.encoding.color = { value: color("--accent") };
        }
      }
      made.datasets = {
        days: chosen.flatMap((one) => one.posts.map((_, index) => ({ date: this.date(index), label: one.label, value: this.value(one, index) }))),
        dates: Array.from({ length: this.days }, (_, index) => ({ date: this.date(index) })),
        events: this.marks(width),
        focus: [{ date: this.state.day }],
      };
      made.params.find((one) => one.name === "brush").value = { x: [Date.parse(from), Date.parse(to)] };
      made.background = "transparent";
      made.config = {
        view: { stroke: null }, font: "Noto Sans, system-ui, Takedown scripts, sans-serif",
        axis: { labelColor: ink, titleColor: ink, domainColor: ink, tickColor: ink, gridColor: color("--line"), titleFontWeight: "normal", labelFontSize: 11 },
        legend: { labelColor: ink, labelFontSize: 12 },
      };
      return made;
    }

    // The events with the row in which each number stands, so that neighbours do not touch.
    marks(width) {
      const pixels = width / Math.max(1, this.index(this.state.to) - this.index(this.state.from));
      const ends = [];
      return this.data.events.map(({ event, number: figure, date, title }) => {
        const at = this.index(date) * pixels;
        let row = ends.findIndex((end) => at - end >= 18);
        if (row < 0) row = Math.min(ends.length, 3);
        ends[row] = at;
        return { event, number: figure, date, day: date, title, row };
      });
    }

    async draw() {
      if (!this.visible) return;
      const turn = (this.turn = (this.turn || 0) + 1);
      const place = this.part("chart");
      const result = await vegaEmbed(place.firstElementChild, this.specification(), { actions: false, renderer: "svg", tooltip: true });
      if (turn !== this.turn) { result.finalize(); return; }
      if (this.made) this.made.finalize();
      this.made = result;
      this.view = result.view;
      this.width = place.clientWidth;
      let wait = 0;
      this.view.addSignalListener("brush", (_, value) => {
        clearTimeout(wait);
        wait = setTimeout(() => this.brushed(value.date), 150);
      });
      this.view.addSignalListener("hover", (_, value) => {
        if (value.date && value.date.length) this.focus(iso(Number(value.date[0])));
      });
      this.view.addEventListener("click", () => this.choose());
      place.dataset.drawn = String(turn);
    }

    // A click chooses the event nearest to the day under the pointer, if its number is that near.
    choose() {
      const pixels = (this.width - 70) / Math.max(1, this.index(this.state.to) - this.index(this.state.from));
      const gap = (one) => Math.abs(this.index(one.date) - this.index(this.state.day)) * pixels;
      const [nearest] = [...this.data.events].sort((one, other) => gap(one) - gap(other));
      if (nearest && gap(nearest) <= 9) this.change({ event: nearest.event, day: nearest.date });
    }

    // A brush of less than two days is a click: all days.
    brushed(span) {
      const ends = span ? span.map((time) => this.date(this.index(iso(Number(time))))) : [];
      const [from, to] = ends.length && ends[0] < ends[1] ? ends : [this.date(0), this.date(this.days - 1)];
      if (from === this.state.from && to === this.state.to) return;
      Object.assign(this.state, { from, to });
      history.replaceState(null, "", this.address());
      Object.assign(this.part("from"), { value: from });
      Object.assign(this.part("to"), { value: to });
      Object.assign(this.part("day"), { min: this.index(from), max: this.index(to) });
      this.table();
      this.view.data("events", this.marks(this.width - 70)).runAsync();
    }
  }

  document.documentElement.classList.add("js");
  const explorers = new Map();
  for (const root of document.querySelectorAll(".explorer")) {
    const one = new Explorer(root);
    explorers.set(one.name, one);
    one.show();
  }
  const [named, words] = location.hash.slice(1).split("?");
  const campaign = [...explorers.keys()].find((name) => name === named || encodeURIComponent(name) === named);
  if (words && campaign) {
    explorers.get(campaign).restore(words);
    document.getElementById(campaign).scrollIntoView();
  }
  // Charts are drawn when they come near, so that many campaigns do not delay the first.
  const near = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      const one = explorers.get(target.dataset.campaign);
      if (isIntersecting && !one.visible) { one.visible = true; one.draw(); }
    }
  }, { rootMargin: "300px" });
  for (const one of explorers.values()) near.observe(one.root);
  let resized = 0;
  window.addEventListener("resize", () => {
    clearTimeout(resized);
    resized = setTimeout(() => explorers.forEach((one) => { if (one.part("chart").clientWidth !== one.width) one.draw(); }), 200);
  });
  // Printed pages show what is folded away.
  window.addEventListener("beforeprint", () => document.querySelectorAll("main details").forEach((one) => { one.open = true; }));
})();
