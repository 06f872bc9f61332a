const $ = id => document.getElementById(id);

/** An element: h("a.link", { href }, "text", child …). A property that is a function listens; null children are left out. */
function h(kind, properties = {}, ...children) {
  const [tag, ...classes] = kind.split(".");
  return furnish(document.createElement(tag || "div"), classes, properties, children);
}

/** The same for SVG. */
function svg(kind, properties = {}, ...children) {
  const [tag, ...classes] = kind.split(".");
  return furnish(document.createElementNS("http://www.w3.org/2000/svg", tag), classes, properties, children);
}

function furnish(element, classes, properties, children) {
  if (classes.length) element.setAttribute("class", classes.join(" "));
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (name === "value") element.value = value;
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter(child => child != null).map(child => typeof child === "string" ? visible(child) : child));
  return element;
}

/** Control characters but tabs and line ends: a terminal that they are pasted into may obey them. */
const CONTROLS = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/g;

/** The text with what stands for them, such as \u001b: it is what is shown, hence selected, and what is copied. */
const visible = text => text.replace(CONTROLS, found => `\\u${found.charCodeAt().toString(16).padStart(4, "0")}`);

/** A button with the text of a key; the key is also how the inspector finds it again after it has drawn itself anew. */
function button(key, click, look = "", properties = {}) {
  return h(`button${look}`, { type: "button", "data-key": key, click, ...properties }, t(key));
}

function iconButton(icon, key, click, properties = {}) {
  const picture = svg("svg", { "aria-hidden": "true" }, svg("use", { href: `#icon-${icon}` })), name = t(key);
  const facts = { type: "button", "data-key": key, title: name, "aria-label": name };
  return h("button.plain.icon", { ...facts, click, ...properties }, picture);
}

/** Options of which one is chosen, side by side; each is [value, text]. */
function choice(label, options, chosen, choose, look = "view") {
  return h("span.choice", { role: "group", "aria-label": label }, ...options.map(([value, text]) => h("button", {
    type: "button", "data-key": `${look}-${value}`, "aria-pressed": `${value === chosen}`, click: () => choose(value),
  }, text)));
}

const part = (...children) => h("div.part", {}, ...children);
const heading = (title, ...more) => h("div.line", {}, h("h3", {}, title), ...more);
const quietly = text => h("p.muted", {}, text);
const table = (look, rows) => h(`div.fields${look}`, {}, h("table", {}, h("tbody", {}, ...rows)));

/** Sets a text where it changed: what a reader has selected stays selected. */
function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function stateClass(element, name) {
  for (const word of ["good", "warn", "bad", "quiet"]) element.classList.toggle(`is-${word}`, word === name);
}

async function copy(text, message = t("copied")) {
  await navigator.clipboard.writeText(visible(text)).then(() => toast(message), () => toast(t("copyFailed")));
}

let toastTimer;
function toast(message) {
  $("toast").textContent = message;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => $("toast").textContent = "", 2600);
}
