
"use strict";
const MOST_SHOWN = 1000;
const $ = (id) => document.getElementById(id);
const state = { entries: [], selected: 0, open: 0, paused: false, waiting: [], profiles: [], faults: [], defects: [], active: new Set() };

/** An element with attributes and children; what callers wrote only ever becomes text. */
function el(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key === "on") for (const [event, handler] of Object.entries(value)) element.addEventListener(event, handler);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

let noticeTimer;
function notice(text, fine) {
  clearTimeout(noticeTimer);
  $("notice").textContent = text;
  $("notice").className = fine ? "fine" : "";
  $("notice").hidden = !text;
  if (text && fine) noticeTimer = setTimeout(() => notice(""), 6000);
}

async function call(method, path, body) {
  const options = { method };
  if (body !== undefined) {
    options.headers = { "Content-Type": "application/json" };
    options.body = JSON.stringify(body);
  }
  const response = await fetch(path, options);
  const json = await response.json().catch(() => ({}));
  if (!response.ok) {
    const first = (json.errors || [])[0] || {};
    throw new Error(first.message || "answered with " + response.status);
  }
  return json;
}

/** Runs something that may fail, and says so if it does. */
async function attempt(work) {
  try { await work(); } catch (error) { notice(String(error.message || error)); }
}

// The list

function haystack(entry) {
  const ids = entry.violations.map((v) => (v.requirement || "") + " " + (v.pointer || "") + " " + v.code);
  return [entry.operation, entry.profile, entry.verdict, entry.kind, entry.says, entry.status, entry.line,
    entry.message_id, entry.transaction_id, entry.correlation_id, ...ids, ...entry.steered].join(" ").toLowerCase();
}

function visible() {
  const words = $("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  const verdicts = $("filter-verdict").value;
  const profile = $("filter-profile").value;
  return state.entries.filter((entry) => {
    if (verdicts && !verdicts.split(",").includes(entry.verdict)) return false;
    if (profile && entry.profile !== profile) return false;
    const text = words.length ? haystack(entry) : "";
    return words.every((word) => text.includes(word));
  });
}

function row(entry, fresh) {
  const back = entry.kind === "callback";
  return el("li", {
    role: "option", id: "entry-" + entry.id, class: (back ? "back " : "") + (fresh ? "new" : ""), "aria-selected": "false",
    on: { click: () => { select(entry.id); open(entry.id); } },
  },
  el("span", { class: "verdict " + entry.verdict }, entry.verdict),
  el("span", { class: "time" }, entry.at.slice(11, 19)),
  el("span", {}, (back ? "↩ " : "") + [entry.operation, entry.profile].filter(Boolean).join(" · ")),
  el("span", { class: "status" }, entry.status === null ? "" : String(entry.status)),
  el("span", { class: "says" }, entry.says));
}

function draw(fresh) {
  const entries = visible();
  $("list").replaceChildren(...entries.map((entry) => row(entry, entry.id === fresh)));
  $("empty").hidden = entries.length > 0;
  $("empty").textContent = state.entries.length ? "Nothing matches the filter." : "Nothing yet. Send a request, and it appears here.";
  $("count").textContent = entries.length + " of " + state.entries.length + (state.waiting.length ? ", " + state.waiting.length + " waiting" : "");
  mark();
}

function mark() {
  for (const item of $("list").children) item.setAttribute("aria-selected", String(item.id === "entry-" + state.selected));
  const current = $("entry-" + state.selected);
  if (current) $("list").setAttribute("aria-activedescendant", current.id);
  else $("list").removeAttribute("aria-activedescendant");
}

function select(id) {
  state.selected = id;
  mark();
  const item = $("entry-" + id);
  if (item) item.scrollIntoView({ block: "nearest" });
}

function step(by) {
  const entries = visible();
  if (!entries.length) return;
  const at = entries.findIndex((entry) => entry.id === state.selected);
  const next = at < 0 ? 0 : Math.min(entries.length - 1, Math.max(0, at + by));
  select(entries[next].id);
  if (state.open) open(entries[next].id);
}

let drawing = false;
function arrived(entry) {
  if (state.paused) state.waiting.unshift(entry);
  else state.entries.unshift(entry);
  state.entries.length = Math.min(state.entries.length, MOST_SHOWN);
  state.waiting.length = Math.min(state.waiting.length, MOST_SHOWN);
  // Many may arrive at once; they are drawn together.
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => { drawing = false; draw(entry.id); });
}

// One entry

function lines(value, faults) {
  if (typeof value === "string") return [value];
  const parts = [];
  let plain = "";
  const flush = () => { if (plain) parts.push(plain); plain = ""; };
  const write = (node, pointer, indent, before, after) => {
    const faulty = faults.has(pointer);
    const nested = node !== null && typeof node === "object";
    const items = nested ? Object.entries(node) : [];
    const [first, last] = Array.isArray(node) ? ["[", "]"] : ["{", "}"];
    const put = (text) => {
      if (!faulty) { plain += text + "\n"; return; }
      flush();
      parts.push(el("span", { class: "fault" }, text));
    };
    if (!items.length) { put(indent + before + JSON.stringify(node) + after); return; }
    put(indent + before + first);
    items.forEach(([key, child], i) => {
      const name = Array.isArray(node) ? "" : JSON.stringify(key) + ": ";
      const place = pointer + "/" + key.replace(/~/g, "~0").replace(/\//g, "~1");
      write(child, place, indent + "  ", name, i < items.length - 1 ? "," : "");
    });
    put(indent + last + after);
  };
  write(value, "", "", "", "");
  flush();
  return parts;
}

/** The pointer itself, or where its member is missing, what should hold it. */
function nearest(body, pointer) {
  const segments = pointer.split("/").slice(1);
  let node = body;
  let place = "";
  for (const segment of segments) {
    const key = segment.replace(/~1/g, "/").replace(/~0/g, "~");
    if (node === null || typeof node !== "object" || !Object.hasOwn(node, key)) return place;
    node = node[key];
    place += "/" + segment;
  }
  return place;
}

function side(title, part, faults) {
  if (!part.line) return null;
  const body = part.body === null ? null : el("pre", {}, ...lines(part.body, faults));
  const headers = part.headers.map(([name, value]) => name + ": " + value).join("\n");
  return el("section", {},
    el("h2", {}, title),
    el("pre", {}, part.line + (headers ? "\n" + headers : "")),
    el("p", { class: "status" }, part.bytes + " bytes" + (part.whole ? "" : ", cut here")),
    body);
}

function violation(v) {
  const fact = (name, text, kind) => (text ? el("p", { class: kind || "" }, name, el("code", {}, text)) : null);
  return el("div", { class: "violation" },
    el("p", {}, el("strong", {}, v.requirement || v.code), " ", el("span", { class: "level" }, v.level || "")),
    v.statement || v.because ? el("p", {}, v.statement || "No requirement demands this: " + v.because + ".") : null,
    fact("at ", v.pointer), fact("expected ", v.expected), fact("found ", v.actual),
    v.near_miss ? el("p", { class: "near" }, v.near_miss) : null,
    v.remedy ? el("p", {}, "Remedy (of a server): " + v.remedy) : null);
}

async function open(id) {
  state.open = id;
  await attempt(async () => {
    const entry = await call("GET", "journal/" + id);
    if (state.open !== id) return;
    // What was rejected item by item is marked in the answer that says so.
    const pointers = entry.violations.map((v) => v.pointer).filter(Boolean);
    const answered = (pointer) => /_response\/\d+$/.test(pointer);
    const faults = (body, wanted) => new Set(pointers.filter((p) => answered(p) === wanted).map((p) => nearest(body, p)));
    const ids = ["message_id", "transaction_id", "correlation_id"].filter((name) => entry[name]);
    const related = state.entries.filter((other) => other.id !== id && entry.correlation_id && other.correlation_id === entry.correlation_id);
    const list = (title, texts) => (texts.length ? el("p", {}, title + texts.join("; ")) : null);
    $("detail").replaceChildren(
      el("button", { type: "button", class: "close", on: { click: close } }, "Close"),
      el("h2", {}, "#" + entry.id + " " + entry.operation + " · ", el("span", { class: entry.verdict }, entry.verdict)),
      el("p", { class: "status" }, entry.at + " · " + entry.milliseconds.toFixed(1) + " ms · " + entry.profile),
      entry.says ? el("p", {}, entry.says) : "",
      list("Steered: ", entry.steered) || "", list("Ignored: ", entry.ignored) || "",
      el("dl", {}, ...ids.flatMap((name) => [el("dt", {}, name), el("dd", {}, entry[name])])),
      related.length ? el("p", {}, "Belongs to ", ...related.map((other) =>
        el("button", { type: "button", on: { click: () => { select(other.id); open(other.id); } } }, "#" + other.id + " " + other.operation))) : "",
      entry.violations.length ? el("h2", {}, "Violated") : "",
      ...entry.violations.map(violation),
      el("div", { class: "sides" }, ...[side("Request", entry.request, faults(entry.request.body, false)),
        side("Response", entry.response, faults(entry.response.body, true))].filter(Boolean)));
    $("detail").hidden = false;
    document.querySelector("main").className = "open";
    const item = $("entry-" + id);
    if (item) item.scrollIntoView({ block: "nearest" });
  });
}

function close() {
  state.open = 0;
  $("detail").hidden = true;
  document.querySelector("main").className = "";
  $("list").focus();
}

// Events, faults, defects

function options(select, values, first) {
  const kept = select.value;
  const all = first === undefined ? values : [["", first], ...values];
  select.replaceChildren(...all.map(([value, text]) => el("option", { value }, text)));
  if (all.some(([value]) => value === kept)) select.value = kept;
}

function drawEventTypes() {
  const profile = state.profiles.find((p) => p.id === $("event-profile").value);
  options($("event-type"), (profile ? profile.event_types : []).map((type) => [type, type.split(":").pop()]));
}

function drawFaults() {
  $("fault-count").textContent = state.faults.length ? String(state.faults.length) : "";
  $("fault-list").replaceChildren(...state.faults.map((rule, nth) => el("li", {},
    el("button", { type: "button", "aria-label": "Remove " + rule.prefer, on: { click: () => removeFault(nth) } }, "Remove"),
    el("span", {}, rule.prefer,
      el("small", {}, [rule.operation || "every operation", rule.profile || "every profile", "chance " + rule.chance,
        rule.times === null ? "always" : "at most " + rule.times + " times", "applied " + rule.applied + " of " + rule.matched].join(" · "))))));
}

const written = (rule) => ({ prefer: rule.prefer, profile: rule.profile, operation: rule.operation, chance: rule.chance, skip: rule.skip, times: rule.times });
const setFaults = (rules) => attempt(async () => { state.faults = (await call("PUT", "faults", { faults: rules })).faults; drawFaults(); });
const removeFault = (nth) => setFaults(state.faults.filter((_, i) => i !== nth).map(written));

function drawDefects() {
  $("defect-count").textContent = state.active.size ? String(state.active.size) : "";
  const words = $("defect-filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  const matches = (d) => words.every((word) => (d.id + " " + d.requirement + " " + d.mistake).toLowerCase().includes(word));
  const shown = state.defects.filter((d) => state.active.has(d.id) || matches(d));
  shown.sort((a, b) => Number(state.active.has(b.id)) - Number(state.active.has(a.id)));
  $("defect-list").replaceChildren(...shown.slice(0, 200).map((d) => el("li", {},
    el("label", {},
      el("input", { type: "checkbox", checked: state.active.has(d.id) ? "" : null, on: { change: (event) => setDefect(d.id, event.target.checked) } }),
      el("span", {}, d.id, el("small", {}, d.mistake + " Breaks " + d.requirement + "."))))));
}

const setDefect = (id, on) => attempt(async () => {
  const wanted = new Set(state.active);
  if (on) wanted.add(id); else wanted.delete(id);
  try {
    state.active = new Set((await call("PUT", "defects", { active: [...wanted] })).active);
  } finally { drawDefects(); }
});

async function refresh() {
  const [profiles, faults, defects] = await Promise.all([call("GET", "profiles"), call("GET", "faults"), call("GET", "defects")]);
  state.profiles = profiles.profiles;
  state.faults = faults.faults;
  state.defects = defects.available;
  state.active = new Set(defects.active);
  const names = state.profiles.map((p) => [p.id, p.id]);
  options($("filter-profile"), names, "every profile");
  options($("fault-profile"), names, "every profile");
  options($("fault-operation"), faults.operations.map((name) => [name, name]), "every operation");
  options($("event-profile"), state.profiles.filter((p) => p.event_types.length).map((p) => [p.id, p.id]));
  const issuing = state.profiles.filter((p) => p.operations.includes("token"));
  options($("client-profile"), issuing.map((p) => [p.id, p.id]));
  $("show-clients").hidden = !issuing.length;
  $("show-events").hidden = !state.profiles.some((p) => p.event_types.length);
  drawEventTypes();
  drawFaults();
  drawDefects();
  await refreshClients();
}

async function reload() {
  const page = await call("GET", "journal?limit=" + MOST_SHOWN);
  state.entries = page.entries.reverse();
  state.waiting = [];
  draw();
}

function listen() {
  const source = new EventSource("stream");
  const live = (on) => { $("live").className = "dot" + (on ? " on" : ""); $("live").textContent = on ? "live" : "not connected"; };
  // Whatever happened before or meanwhile is read again.
  source.onopen = () => { live(true); attempt(async () => { await Promise.all([refresh(), reload()]); }); };
  source.onerror = () => live(false);
  source.addEventListener("entry", (event) => {
    const entry = JSON.parse(event.data);
    if (![...state.entries, ...state.waiting].some((known) => known.id === entry.id)) arrived(entry);
  });
  source.addEventListener("changed", () => attempt(refresh));
  source.addEventListener("lagged", () => attempt(reload));
  source.addEventListener("reset", () => { if (state.open) close(); attempt(async () => { await Promise.all([refresh(), reload()]); }); });
}

// Hands

for (const [button, panel] of [["show-events", "events"], ["show-faults", "faults"], ["show-defects", "defects"], ["show-clients", "clients"], ["show-keys", "keys"]]) {
  $(button).addEventListener("click", () => {
    const hidden = !$(panel).hidden;
    $(panel).hidden = hidden;
    $(button).setAttribute("aria-expanded", String(!hidden));
    if (!hidden && panel === "faults") attempt(async () => { state.faults = (await call("GET", "faults")).faults; drawFaults(); });
    if (panel === "clients") attempt(refreshClients);
  });
}
$("event-profile").addEventListener("change", drawEventTypes);
$("event-form").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(async () => {
    const profile = state.profiles.find((p) => p.id === $("event-profile").value);
    const told = await call("POST", profile.base_path + "/_dcx/events", { reg_event_type: $("event-type").value });
    notice("It happened; " + told.notified + " subscribers are told.", true);
  });
});
$("fault-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const rule = {
    prefer: $("fault-what").value, operation: $("fault-operation").value || null, profile: $("fault-profile").value || null,
    chance: Number($("fault-chance").value || 1), times: $("fault-times").value ? Number($("fault-times").value) : null,
  };
  setFaults([...state.faults.map(written), rule]);
});
$("defect-filter").addEventListener("input", drawDefects);
$("reset").addEventListener("click", () => {
  if (!confirm("Forget the journal, subscriptions, transactions and faults, and begin again?")) return;
  attempt(async () => { await call("POST", "reset"); notice("Everything is as it was after the start.", true); });
});
function pause() {
  state.paused = !state.paused;
  $("pause").setAttribute("aria-pressed", String(state.paused));
  $("pause").textContent = state.paused ? "Go on" : "Pause";
  if (!state.paused) {
    state.entries = [...state.waiting, ...state.entries].slice(0, MOST_SHOWN);
    state.waiting = [];
  }
  draw();
}
$("pause").addEventListener("click", pause);
$("filters").addEventListener("submit", (event) => event.preventDefault());
for (const id of ["filter", "filter-verdict", "filter-profile"]) $(id).addEventListener("input", () => draw());

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.closest("input, select, textarea");
  if (event.key === "Escape") {
    if (typing) { typing.blur(); $("list").focus(); } else if (state.open) close();
    return;
  }
  if (typing) {
    if (event.target.id === "filter" && (event.key === "Enter" || event.key === "ArrowDown")) { $("list").focus(); step(1); event.preventDefault(); }
    return;
  }
  const entries = visible();
  const onButton = event.target.closest("button, a");
  const acts = {
    j: () => step(1), ArrowDown: () => step(1), k: () => step(-1), ArrowUp: () => step(-1),
    g: () => entries.length && select(entries[0].id), G: () => entries.length && select(entries[entries.length - 1].id),
    "/": () => { $("filter").focus(); $("filter").select(); },
    p: pause,
    Enter: () => { if (state.selected) open(state.selected).then(() => $("detail").focus()); },
  };
  if (!acts[event.key] || (onButton && event.key === "Enter")) return;
  event.preventDefault();
  acts[event.key]();
});

/** What there is now, and no stream: a page that comes to an end can be printed or kept. */
async function still() {
  $("live").textContent = "still";
  await Promise.all([refresh(), reload()]);
}

if (location.hash === "#still") attempt(still);
else listen();
