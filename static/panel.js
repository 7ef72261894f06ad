// Makes the panel quicker to use. Every page works without it: nothing here is the only way to do something.

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

/** An element with properties, `data-`/`aria-` attributes and children. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value == null) continue;
    element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

/** A text in the page's language, with its arguments. */
const words = JSON.parse($("meta[name=words]")?.content || "{}");
const say = (name, filled = {}) => (words[name] ?? name).replace(/\{(\w+)\}/g, (all, key) => filled[key] ?? all);

// ---- Moments in the reader's zone ------------------------------------------------------------------------------

const shape = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const local = new Intl.DateTimeFormat("en-GB", { ...shape, numberingSystem: "latn" });
const exact = new Intl.DateTimeFormat("en-GB", { ...shape, second: "2-digit", numberingSystem: "latn" });
const ago = new Intl.RelativeTimeFormat(document.documentElement.lang || "en", { numeric: "auto" });

function written(format, date) {
  const part = Object.fromEntries(format.formatToParts(date).map((p) => [p.type, p.value]));
  const seconds = part.second ? `:${part.second}` : "";
  return `${part.year.padStart(4, "0")}-${part.month}-${part.day} ${part.hour}:${part.minute}${seconds}`;
}

function since(date) {
  const seconds = (date - Date.now()) / 1000;
  if (seconds > 60 || seconds < -6 * 86400) return null;
  const [unit, size] = seconds > -3600 ? ["minute", 60] : seconds > -86400 ? ["hour", 3600] : ["day", 86400];
  return ago.format(Math.round(seconds / size), unit);
}

function localise(time) {
  const iso = time.getAttribute("datetime");
  if (!/(Z|[+-]\d\d:?\d\d)$/.test(iso)) return; // without a zone it is no moment: as it stands
  const date = new Date(iso);
  if (Number.isNaN(date.getTime()) || date.getUTCFullYear() < 1) return;
  const relative = time.closest(".trace:not(.long)") && since(date);
  time.title = `${iso}\n${written(exact, date)} ${zone}`;
  time.textContent = relative || written(local, date);
}

$$("time[datetime]").forEach(localise);
for (const swatch of $$("[data-colour]")) swatch.style.backgroundColor = swatch.dataset.colour;

// ---- Session ended: signs in with the whole page, and restores what was typed -------------------------------------

const drafts = new Map(); // controls that this script drives, by their field
let goingToSignIn = false;
// Of whom it is, too: a session may end without a sign-out, and somebody else go on in the tab.
const draftKey = `draft ${$("#person p")?.textContent ?? ""} ${location.pathname}`;
const plainControls = (form) => [...form.elements].filter((c) => c.name && !c.readOnly && c.role !== "combobox" && !["hidden", "file", "password", "submit", "button"].includes(c.type));
const changed = (c) => c.tagName === "SELECT" ? [...c.options].some((o) => o.selected !== o.defaultSelected) && c.value !== ([...c.options].find((o) => o.defaultSelected) ?? c.options[0])?.value
  : c.type === "checkbox" || c.type === "radio" ? c.checked !== c.defaultChecked : c.value !== c.defaultValue;

const dropDrafts = () => { for (const key of Object.keys(sessionStorage).filter((key) => key.startsWith("draft "))) sessionStorage.removeItem(key); };

/** Keeps what was changed in the form, and only that: the rest is read anew. What is shown again with its errors was
    changed before. Of boxes that share a name each is known by its value. */
function keepDraft(form) {
  const plain = plainControls(form).filter((c) => changed(c) || form.changedBefore?.has(c.name))
    .map((c) => c.type === "checkbox" || c.type === "radio" ? [c.name, c.checked, c.value] : [c.name, c.value]);
  const driven = [...drafts.values()].map((d) => [d.name, d.read()]).filter(([, value]) => value);
  try { sessionStorage.setItem(draftKey, JSON.stringify({ plain, driven })); } catch { /* no room: the notice says what is lost */ }
}

function takeDraft(form) {
  const kept = sessionStorage.getItem(draftKey);
  dropDrafts();
  if (!kept) return;
  const { plain, driven } = JSON.parse(kept);
  form.changedBefore = new Set("dirty" in form.dataset ? plain.map(([name]) => name) : []);
  const unsaved = new URLSearchParams(location.search).has("unsaved");
  // Back from where it had been sent to, before anything was done: pages are not stored, so that browsers forget it.
  const returned = ["back_forward", "reload"].includes(performance.getEntriesByType("navigation")[0]?.type);
  if (!unsaved && !returned) return;
  for (const [name, value, box] of plain) {
    const control = plainControls(form).find((c) => c.name === name && (box === undefined || c.value === box));
    if (!control) continue;
    if (typeof value === "boolean") control.checked = value;
    else control.value = value;
    control.dispatchEvent(new Event("input", { bubbles: true }));
  }
  for (const [name, value] of driven) [...drafts.values()].find((d) => d.name === name)?.write(value);
  form.dataset.dirty = "";
  const notice = $("main > .notice");
  if (unsaved && notice && plain.length + driven.length) notice.textContent = say("draftBack");
}

/** The answer to a request of this script says that nobody is signed in, and where to go: it cannot be sent there
    itself, the whole tab goes. */
function signInAgain(answer) {
  const form = $("form[data-record]");
  const back = new URL(location.href);
  if (form) {
    keepDraft(form);
    back.searchParams.set("unsaved", "1");
  }
  goingToSignIn = true;
  const address = answer.headers.get("X-Sign-In") ?? "/auth/login";
  location.assign(`${address}?return_to=${encodeURIComponent(back.pathname + back.search)}`);
}

// The form was shown again because the session has ended. Typed text is kept, so the tab can go to sign-in at once.
const signedOutForm = $("form[data-sign-in]");
if (signedOutForm && Object.keys(sessionStorage).some((key) => key.startsWith("draft ") && key.endsWith(` ${location.pathname}`))) {
  location.replace(`${signedOutForm.dataset.signIn}?return_to=${encodeURIComponent(signedOutForm.dataset.return)}`);
}

// ---- Drop-downs ------------------------------------------------------------------------------------------------

const drops = $$("details.drop");
let dismissed = false; // this press only closed a drop-down: it does not open the row under it as well
document.addEventListener("pointerdown", ({ target }) => {
  dismissed = false;
  for (const drop of drops) {
    if (!drop.open || drop.contains(target)) continue;
    drop.open = false;
    dismissed = true;
  }
});
for (const drop of drops) {
  drop.addEventListener("toggle", () => {
    drop.classList.remove("flip");
    if (!drop.open) return;
    const { left, right } = $(".menu", drop).getBoundingClientRect();
    drop.classList.toggle("flip", right > innerWidth || left < 0);
    $("select, a, input:not([type=hidden])", drop)?.focus();
  });
  drop.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !drop.open || event.defaultPrevented) return;
    drop.open = false;
    $("summary", drop).focus();
  });
}

// ---- Filter builder: condition and value follow the column -------------------------------------------------------

const escaped = (text) => text.replace(/[\\,]/g, "\\$&");
const inputTypes = { number: "number", date: "date", datetime: "datetime-local", time: "time" };

function valueControl(column, label) {
  const { control, choices } = column.dataset;
  const options = control === "bool" ? [["true", say("yes")], ["false", say("no")]] : choices ? choices.split("\n").map((c) => [c, c]) : null;
  if (options) return make("select", { "aria-label": label }, ...options.map(([v, text]) => make("option", { value: v }, text)));
  const type = inputTypes[control] ?? "text";
  return make("input", { type, step: type === "number" ? "any" : type === "text" ? null : "1", "aria-label": label, autocomplete: "off", required: type !== "text" });
}

function filterBuilder(drop) {
  const [column, op] = [$("#filter-column", drop), $("#filter-op", drop)];
  const field = $("[data-value]", drop);
  const hidden = make("input", { type: "hidden", name: "value" });
  const caption = field.firstElementChild;

  const pickValue = (href) => {
    const name = column.selectedOptions[0].textContent;
    const picker = make("div", { class: "field", "data-lookup": href },
      make("label", { for: "filter-value" }, name), make("div", { class: "key" }, make("input", { id: "filter-value", name: "value", required: true })));
    field.hidden = false;
    field.replaceChildren(picker);
    combobox(picker);
    picker.querySelector("label").replaceChildren(say("value"));
    field.read = null;
  };
  const choose = (label, options) => make("select", { "aria-label": label }, ...options.map(([value, text]) => make("option", { value }, text)));
  const spanControls = () => [
    make("input", { type: "number", min: "1", step: "1", value: "30", required: true, "aria-label": say("howMany") }),
    choose(say("unit"), ["days", "hours", "weeks", "months", "quarters", "years"].map((unit) => [unit[0], say(unit)])
      .filter(([unit]) => unit !== "h" || column.selectedOptions[0].dataset.control !== "date")),
  ];
  const periodControl = () => choose(say("value"), ["day", "week", "month", "quarter", "year"].map((word) => [word, say(word)]));
  const showValue = () => {
    const takes = op.selectedOptions[0]?.dataset.takes ?? "one";
    const chosen = column.selectedOptions[0];
    if (chosen.dataset.lookup && ["eq", "ne"].includes(op.value)) return pickValue(chosen.dataset.lookup);
    const count = { none: 0, one: 1, two: 2, many: 1 }[takes] ?? 1;
    const controls = takes === "span" ? spanControls() : takes === "period" ? [periodControl()] : Array.from({ length: count }, (_, i) => valueControl(chosen, count === 2 ? (i ? say("to") : say("from")) : say("value")));
    const many = takes === "many" && controls[0];
    if (many && many.tagName === "SELECT") many.multiple = true;
    if (many && many.tagName === "INPUT") many.type = "text";
    const notes = [];
    if (many && many.tagName === "INPUT") notes.push(say("commas"));
    if (chosen.dataset.control === "datetime" && count && !["span", "period"].includes(takes)) notes.push(say("timesUtc"));
    field.hidden = count === 0;
    field.replaceChildren(caption, ...controls, ...notes.map((n) => make("span", { class: "help" }, n)), hidden);
    if (controls[0]) controls[0].id = "filter-value";
    field.read = () => {
      if (many) return many.tagName === "SELECT" ? [...many.selectedOptions].map((o) => escaped(o.value)).join(",") : many.value;
      if (takes === "span") return controls.map((c) => c.value).join("");
      return count === 2 ? controls.map((c) => escaped(c.value)).join(",") : (controls[0]?.value ?? "");
    };
  };
  const showOps = () => {
    const ops = column.selectedOptions[0].dataset.ops.split("|").filter(Boolean).map((op) => op.split("="));
    op.replaceChildren(...ops.map(([value, takes, ...label]) => make("option", { value, "data-takes": takes }, label.join("="))));
    showValue();
  };
  // The most frequent values with their counts, beside a text field.
  const offer = async () => {
    const [input, name] = [$("#filter-value", field), column.value];
    const text = input?.tagName === "INPUT" && ["text", "number"].includes(input.type) && !input.role;
    if (!drop.open || !text || name.startsWith("has.") || !["eq", "ne"].includes(op.value)) return;
    const url = new URL(drop.dataset.facets, location);
    url.searchParams.append("column", name);
    try {
      const answer = await fetch(url, { headers: { Accept: "application/json" } });
      if (!answer.ok || column.value !== name) return;
      const { values } = await answer.json();
      const known = values.filter(({ value }) => value !== null);
      const list = make("datalist", { id: "filter-values" }, ...known.map(({ value, count }) => make("option", { value: String(value) }, say("rows", { rows: count }))));
      $("#filter-values", drop)?.remove();
      field.append(list);
      input.setAttribute("list", list.id);
    } catch { /* The values are optional. */ }
  };
  column.addEventListener("change", showOps);
  op.addEventListener("change", showValue);
  for (const source of [drop, column, op]) source.addEventListener(source === drop ? "toggle" : "change", offer);
  $("form", drop).addEventListener("submit", () => { if (field.read) hidden.value = field.read(); });
  showOps();
  // An invalid value is shown for correction.
  if (drop.dataset.op) {
    op.value = drop.dataset.op;
    if (!op.value) op.selectedIndex = 0;
    showValue();
    const control = $("#filter-value", drop);
    if (control?.tagName === "INPUT") {
      control.type = "text";
      control.value = drop.dataset.given;
      control.setAttribute("aria-invalid", "true");
      control.setAttribute("aria-describedby", "filter-value-error");
      if (["span", "period"].includes(op.selectedOptions[0].dataset.takes)) {
        control.nextElementSibling?.remove();
        field.read = () => control.value;
      }
    }
  }
}
$$("[data-filter]").forEach(filterBuilder);

// Moments are shown in the reader's zone, so filters use it too, unless existing conditions use another one.
for (const input of $$("input[name=tz]:not([data-kept])")) {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  if (!timeZone) continue;
  input.value = timeZone;
  $("[data-zone] b", input.form).textContent = timeZone;
}

// ---- Tables: the whole row is a link; scroll position survives going back ------------------------------------------

const busy = "a, button, input, select, textarea, summary, label";
document.addEventListener("click", (event) => {
  const row = event.target.closest?.("tr[data-href]");
  if (!row || dismissed || event.target.closest(busy) || event.button || !getSelection().isCollapsed) return;
  const link = $$("a[href]", row).find((a) => a.getAttribute("href") === row.dataset.href) ?? make("a", { href: row.dataset.href });
  const { ctrlKey, metaKey, shiftKey } = event;
  link.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, ctrlKey, metaKey, shiftKey }));
});

// ---- Selecting rows: the whole page at once, and ranges with Shift -------------------------------------------------

const ticks = $$(".rows.ticks .tick");
const tickPage = $(".tick-page");
let lastTick = null;

function showTicks() {
  const ticked = ticks.filter((tick) => tick.checked).length;
  tickPage.checked = ticked > 0 && ticked === ticks.length;
  tickPage.indeterminate = ticked > 0 && ticked < ticks.length;
}

if (tickPage && ticks.length) {
  tickPage.hidden = false;
  tickPage.addEventListener("change", () => {
    for (const tick of ticks) tick.checked = tickPage.checked;
    showTicks();
  });
  for (const tick of ticks) {
    tick.addEventListener("click", (event) => {
      const [from, to] = [ticks.indexOf(lastTick), ticks.indexOf(tick)].sort((a, b) => a - b);
      if (event.shiftKey && from >= 0) for (const between of ticks.slice(from, to)) between.checked = tick.checked;
      lastTick = tick;
      showTicks();
    });
  }
  // Runs after the reset itself, which follows this event.
  $("#bulk").addEventListener("reset", () => setTimeout(showTicks));
  showTicks(); // a browser that goes back restores ticks
}

const scroller = $(".list > .scroll");
if (scroller) {
  const key = `scroll ${location.pathname}${location.search}`;
  addEventListener("pagehide", () => sessionStorage.setItem(key, `${scroller.scrollTop} ${scroller.scrollLeft}`));
  if (performance.getEntriesByType("navigation")[0]?.type === "back_forward") {
    const [top, left] = (sessionStorage.getItem(key) ?? "0 0").split(" ").map(Number);
    scroller.scrollTo({ top, left, behavior: "instant" });
  }
}

// The notice about a completed action is shown once, not again after a reload.
if (new URLSearchParams(location.search).has("done")) {
  const address = new URL(location);
  address.searchParams.delete("done");
  dropDrafts();
  history.replaceState(history.state, "", address);
}

// The link from a row back to its list keeps order, filters and page.
if (scroller || $(".list > .empty")) {
  sessionStorage.setItem(`list ${location.pathname}`, location.search);
} else {
  for (const link of $$(".crumbs a, a[data-cancel]")) {
    const { pathname, search } = new URL(link.href);
    if (!search) link.search = sessionStorage.getItem(`list ${pathname}`) ?? "";
  }
}

// ---- Keys --------------------------------------------------------------------------------------------------------

const keysOff = () => localStorage.getItem("keys") === "off";
const rowLinks = () => $$(".list .rows tbody tr").map((row) => $("a[href]", row)).filter(Boolean);

function move(step) {
  const links = rowLinks();
  const at = links.findIndex((link) => link.closest("tr").contains(document.activeElement));
  const next = links[at < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(Math.max(at + step, 0), links.length - 1)];
  next?.focus({ preventScroll: true });
  next?.closest("tr").scrollIntoView({ block: "nearest" });
}

const shortcuts = [
  ["/", say("keySearch"), () => { const box = $(".find input[type=search]"); box?.focus(); box?.select(); return box; }],
  ["j", say("keyNext"), () => move(1)],
  ["k", say("keyPrevious"), () => move(-1)],
  ["x", say("keySelect"), () => { const tick = $(".tick", document.activeElement?.closest("tr") ?? make("p")); tick?.click(); return tick; }],
  ["n", say("keyNew"), () => $("[data-key=n]")?.click()],
  ["e", say("keyEdit"), () => $("[data-key=e]")?.click()],
  ["?", say("keyHelp"), () => help()],
];

document.addEventListener("keydown", (event) => {
  const { key, target, ctrlKey, metaKey, altKey } = event;
  const form = target.closest?.("form[data-record]") ?? $("form[data-record]");
  if ((ctrlKey || metaKey) && !altKey && form && (key === "s" || key === "Enter")) {
    event.preventDefault();
    form.requestSubmit($("[data-save]", form));
    return;
  }
  if (ctrlKey || metaKey || altKey || event.defaultPrevented || $("dialog[open]") || target.isContentEditable) return;
  if (target.closest?.("input, select, textarea, [popover], details[open]")) return;
  const inTable = target === document.body || target.closest?.(".list");
  if (inTable && rowLinks().length && (key === "ArrowDown" || key === "ArrowUp")) {
    event.preventDefault();
    move(key === "ArrowDown" ? 1 : -1);
  } else if (target === document.body && scroller && (key === "PageDown" || key === "PageUp" || key === " ")) {
    scroller.scrollBy({ top: scroller.clientHeight * (key === "PageUp" || event.shiftKey ? -0.9 : 0.9) });
  } else if (!keysOff()) {
    const shortcut = shortcuts.find(([name]) => name === key);
    if (!shortcut) return;
    event.preventDefault();
    shortcut[2]();
  }
});

let dialog;
function help() {
  if (!dialog) {
    const rows = [...shortcuts.map(([name, text]) => [name, text]), ["Enter", say("keyOpen")], ["Ctrl S", say("keySave")], ["Esc", say("keyClose")]];
    const single = make("input", { type: "checkbox" });
    single.checked = !keysOff();
    single.addEventListener("change", () => localStorage.setItem("keys", single.checked ? "on" : "off"));
    dialog = make("dialog", { "aria-labelledby": "keys" },
      make("form", { method: "dialog", class: "card" },
        make("h2", { id: "keys" }, say("keys")),
        make("dl", { class: "facts" }, ...rows.flatMap(([name, text]) => [make("dt", {}, make("kbd", {}, name)), make("dd", {}, text)])),
        make("label", { class: "row" }, single, say("keysOn")),
        make("div", { class: "row" }, make("button", { class: "btn primary" }, say("close")))));
    document.body.append(dialog);
  }
  dialog.showModal();
}

const personMenu = $("#person ul");
if (personMenu && matchMedia("(hover: hover)").matches) {
  const button = make("button", { type: "button" }, say("keys"));
  button.addEventListener("click", () => { $("#person").hidePopover(); help(); });
  personMenu.firstElementChild.after(make("li", {}, button));
}
// The next person who signs in in this tab starts without drafts.
for (const form of $$("form[action$='/auth/logout']")) {
  form.addEventListener("submit", () => { sessionStorage.clear(); localStorage.setItem("signed-out", Date.now()); });
}
// Browsers keep whole pages for the back button, even with no-store; those must not survive a sign-out.
addEventListener("pageshow", ({ persisted }) => {
  if (!persisted || !(localStorage.getItem("signed-out") > performance.timeOrigin)) return;
  document.body.hidden = true;
  location.reload();
});

// ---- An intended empty text: the browser no longer requires a value ------------------------------------------------

for (const box of $$(".blank input[type=checkbox]")) {
  const text = $("input:not([type=hidden], [type=checkbox]), textarea", box.closest(".field"));
  if (!text?.required) continue;
  const follow = () => { text.required = !box.checked; };
  box.addEventListener("input", follow);
  follow();
}

// ---- Foreign keys: a combobox over the pick list ------------------------------------------------------------------

function combobox(field) {
  const plain = $("select, .key:not(.finder) input", field);
  const label = field.querySelector("label");
  const name = label.firstChild.textContent.trim();
  const { id, required } = plain;
  let chosen = { key: plain.value, label: plain.tagName === "SELECT" ? (plain.selectedOptions[0]?.textContent ?? "") : field.dataset.label || plain.value };

  const key = make("input", { type: "hidden", name: plain.name, value: chosen.key });
  const list = make("div", { class: "menu options", role: "listbox", id: `${id}-list`, "aria-label": name, hidden: true });
  const input = make("input", { id, role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id, autocomplete: "off", spellcheck: "false",
    "aria-required": required && "true", "aria-invalid": plain.getAttribute("aria-invalid"), placeholder: say("type") });
  const note = make("span", { class: "help", role: "status", id: `${id}-note` });
  input.setAttribute("aria-describedby", [plain.getAttribute("aria-describedby"), note.id].filter(Boolean).join(" "));
  input.value = chosen.label;
  const clear = make("button", { type: "button", class: "btn quiet icon clear", "aria-label": say("clear", { field: name }) }, "×");
  const combo = make("div", { class: "combo" }, input, clear, list);
  clear.hidden = required || !chosen.key;

  (plain.closest(".key") ?? plain).replaceWith(key, combo, note);
  $(".finder", field)?.remove();

  let items = [], active = -1, timer, request;
  const close = () => { clearTimeout(timer); request?.abort(); list.hidden = true; active = -1; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); };
  const choose = (item) => {
    chosen = item;
    key.value = item.key;
    input.value = item.label;
    input.setCustomValidity("");
    clear.hidden = required || !item.key;
    note.textContent = "";
    close();
    key.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const mark = (index) => {
    active = items.length ? (index + items.length) % items.length : -1;
    [...list.children].forEach((option, i) => option.role === "option" && option.setAttribute("aria-selected", i === active));
    const option = list.children[active];
    option ? input.setAttribute("aria-activedescendant", option.id) : input.removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  };
  const open = (message) => {
    list.replaceChildren(...items.map((item, i) => {
      const option = make("div", { role: "option", id: `${list.id}-${i}`, "aria-selected": "false" }, item.label || item.key);
      option.addEventListener("click", () => choose(item));
      return option;
    }));
    if (message) list.append(make("div", { class: "nothing muted", role: "presentation" }, message));
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    mark(-1 + (items.length ? 1 : 0));
  };
  const find = async (text) => {
    request?.abort();
    request = new AbortController();
    const { signal } = request;
    try {
      const href = field.dataset.lookup;
      const answer = await fetch(`${href}${href.includes("?") ? "&" : "?"}q=${encodeURIComponent(text)}`, { headers: { Accept: "application/json" }, signal });
      if (answer.status === 401) return signInAgain(answer);
      if (!answer.ok) throw new Error(answer.status);
      items = (await answer.json()).items;
      if (!signal.aborted) open(items.length ? "" : say("nothingFound", { words: text }));
    } catch {
      if (signal.aborted) return;
      items = [];
      open(say("listFailed"));
    }
  };
  const later = () => { clearTimeout(timer); timer = setTimeout(find, 150, input.value.trim()); };

  input.addEventListener("input", () => {
    if (input.value === "" && !required) choose({ key: "", label: "" });
    // Saving by keyboard must not submit the old value with the new text.
    input.setCustomValidity(input.value === chosen.label ? "" : say("choose"));
    later();
  });
  input.addEventListener("click", () => { if (list.hidden) { input.select(); find(""); } });
  input.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey) return;
    const { key: pressed } = event;
    if (pressed === "ArrowDown" || pressed === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) find(input.value === chosen.label ? "" : input.value.trim());
      else mark(active + (pressed === "ArrowDown" ? 1 : -1));
    } else if (pressed === "Enter" && (!list.hidden || input.value !== chosen.label)) {
      event.preventDefault();
      if (list.hidden) find(input.value.trim());
      else if (items[active]) choose(items[active]);
    } else if (pressed === "Escape" && (!list.hidden || input.value !== chosen.label)) {
      event.preventDefault();
      input.value = chosen.label;
      input.setCustomValidity("");
      close();
    }
  });
  // The list must not take the focus from the text input before a click on it has selected a row.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("mousedown", (event) => event.preventDefault());
  input.addEventListener("blur", () => {
    close();
    input.setCustomValidity("");
    if (input.value.trim() === "" && !required) return choose({ key: "", label: "" });
    if (input.value === chosen.label) return;
    note.textContent = chosen.key ? say("kept", { value: chosen.label }) : say("nothingChosen");
    input.value = chosen.label;
  });
  clear.addEventListener("click", () => { choose({ key: "", label: "" }); input.focus(); });
  if (required) input.required = true;
  // Restores text typed before signing in again.
  const first = chosen.key;
  drafts.set(field, { name: plain.name, read: () => chosen.key === first ? null : chosen, write: choose });
}
$$(".field[data-lookup]").forEach(combobox);

// ---- Forms -------------------------------------------------------------------------------------------------------

function lengthHint(control) {
  const max = Number(control.dataset.max);
  const note = make("span", { class: "help", "aria-live": "polite" });
  const check = () => {
    const length = [...control.value].length;
    note.textContent = length > max * 0.8 ? say("length", { length, most: max }) : "";
    control.setCustomValidity(length > max ? say("tooLong", { most: max, length }) : "");
  };
  control.after(note);
  control.addEventListener("input", check);
  check();
}
$$("[data-max]").forEach(lengthHint);

function jsonHint(area) {
  const note = make("span", { class: "help", role: "status" });
  const check = () => {
    try {
      if (area.value.trim()) JSON.parse(area.value);
      note.textContent = "";
      note.className = "help";
    } catch (error) {
      note.textContent = say("json", { reason: error.message });
      note.className = "error";
    }
  };
  area.after(note);
  area.addEventListener("input", () => { clearTimeout(area.timer); area.timer = setTimeout(check, 400); });
  check();
}
$$("textarea[data-json]").forEach(jsonHint);

function colourField(input) {
  const swatch = make("span", { class: "swatch", "aria-hidden": "true" });
  const show = () => { swatch.removeAttribute("style"); if (CSS.supports("color", input.value)) swatch.style.backgroundColor = input.value; };
  input.closest(".field").querySelector("label").append(swatch);
  input.addEventListener("input", show);
  show();
}
$$("[data-colour-field]").forEach(colourField);

function grow(area) {
  const fit = () => { area.style.height = "auto"; area.style.height = `${area.scrollHeight + 2}px`; };
  area.addEventListener("input", fit);
  fit();
}
if (!CSS.supports("field-sizing", "content")) $$("textarea").forEach(grow);

const state = (form) => JSON.stringify([...new FormData(form)].map(([name, value]) => [name, value instanceof File ? `${value.name} ${value.size}` : value]));

for (const form of $$("form[data-record]")) {
  const before = state(form);
  let leaving = false;
  addEventListener("beforeunload", (event) => {
    if (!leaving && !goingToSignIn && ("dirty" in form.dataset || state(form) !== before)) event.preventDefault();
  });
  form.addEventListener("submit", () => { leaving = true; keepDraft(form); });
  takeDraft(form);
  // The cancel button is a decision already: asking again would be asking twice.
  for (const link of $$("[data-cancel]", form)) link.addEventListener("click", (event) => { leaving = !event.ctrlKey && !event.metaKey && !event.shiftKey; });
  addEventListener("pageshow", () => { leaving = false; });
}

// A preview is the response to a form. Going back past it leads to that form, and does not ask to send it again.
for (const form of $$("form[data-preview]")) {
  form.addEventListener("submit", () => {
    history.replaceState(history.state, "", location.href);
    addEventListener("pageshow", ({ persisted }) => { if (persisted) location.reload(); });
  });
}

// Each form is submitted once: its buttons are disabled after the browser has read the values.
for (const form of $$("form[method=post]")) {
  const buttons = () => [...form.elements].filter((element) => element.type === "submit");
  form.addEventListener("submit", () => setTimeout(() => buttons().forEach((button) => { button.disabled = true; })));
  addEventListener("pageshow", () => buttons().forEach((button) => { button.disabled = false; }));
}

$("[data-focus]")?.focus();

// ---- Tabs above a list: the number of rows, if the page did not count them -----------------------------------------

const countedTabs = $(".viewline [data-counts]");
if (countedTabs) {
  fetch(countedTabs.dataset.counts, { headers: { Accept: "application/json" } })
    .then((answer) => answer.ok ? answer.json() : { tabs: [] })
    .then(({ tabs }) => {
      for (const { href, count } of tabs) {
        const tab = count && $$("a", countedTabs).find((a) => a.getAttribute("href") === href);
        if (tab && !$("span", tab)) tab.append(" ", Object.assign(document.createElement("span"), { textContent: count.short }));
      }
    })
    .catch(() => {});
}

// ---- Global search: Ctrl+K opens a dialog with the same results as its page ----------------------------------------

const jump = $(".jump"), palette = $("template[data-palette]")?.content.firstElementChild;
if (jump && palette) {
  document.body.append(palette);
  const input = $("input", palette), list = $("[role=listbox]", palette), told = $("[role=status]", palette);
  let options = [], chosen = -1, turn = 0, wait;
  const make = (tag, attributes, ...inside) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...inside);
    return element;
  };
  const choose = (to) => {
    chosen = to;
    options.forEach((option, at) => option.setAttribute("aria-selected", String(at === to)));
    if (options[to]) input.setAttribute("aria-activedescendant", options[to].id);
    else input.removeAttribute("aria-activedescendant");
    options[to]?.scrollIntoView({ block: "nearest" });
  };
  const option = ({ label, href, hint }) => {
    const line = make("div", { role: "option", "data-href": href }, make("b", {}, make("bdi", {}, label)));
    if (hint) line.append(make("span", {}, make("bdi", {}, hint)));
    return line;
  };
  const show = ({ groups, told: text }) => {
    list.replaceChildren(...groups.map(({ label, items, all }, at) => {
      const lines = items.map(option);
      if (all) lines.push(option({ label: all.text, href: all.href }));
      return make("div", { role: "group", "aria-labelledby": `palette-${at}` }, make("p", { id: `palette-${at}` }, label), ...lines);
    }));
    options = $$("[role=option]", list);
    options.forEach((line, at) => { line.id = `palette-option-${at}`; });
    input.setAttribute("aria-expanded", String(options.length > 0));
    choose(options.length ? 0 : -1);
    told.textContent = text;
  };
  const ask = async () => {
    const mine = ++turn, q = input.value.trim();
    if (!q) return show({ groups: [], told: "" });
    const answer = await fetch(`${jump.getAttribute("href")}?q=${encodeURIComponent(q)}`, { headers: { Accept: "application/json" } });
    if (answer.status === 401) return signInAgain(answer);
    const found = answer.ok ? await answer.json() : { groups: [], told: "" };
    if (mine === turn) show(found);
  };
  const open = (event) => {
    event.preventDefault();
    if (!palette.open) palette.showModal();
    input.select();
  };
  jump.addEventListener("click", (event) => { if (!event.ctrlKey && !event.metaKey && !event.shiftKey) open(event); });
  addEventListener("keydown", (event) => {
    if (event.key?.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && !$("dialog[open]:not(.palette)")) open(event);
  });
  input.addEventListener("input", () => {
    clearTimeout(wait);
    choose(-1); // what was found for other words is not what Enter means
    wait = setTimeout(() => ask().catch(() => {}), 200);
  });
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && options.length) {
      event.preventDefault();
      choose((chosen + step + options.length) % options.length);
    }
    // Before there are results, the form goes to the search page.
    if (event.key === "Enter" && !event.isComposing && options[chosen]) {
      event.preventDefault();
      location.assign(options[chosen].dataset.href);
    }
  });
  list.addEventListener("click", ({ target }) => {
    const line = target.closest("[role=option]");
    if (line) location.assign(line.dataset.href);
  });
  palette.addEventListener("pointerdown", ({ target }) => { if (target === palette) palette.close(); });
}
