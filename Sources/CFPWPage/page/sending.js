/** The request as a form; a body that is not whole or not text goes as it was unless another is written. */
function editor({ request }) {
  const text = asText(fromBase64(request.body), "", false), keep = text === null || request.truncated;
  const input = value => h("input", { value, required: true, spellcheck: "false" });
  const method = input(request.method), target = input(request.target);
  const body = h("textarea", { rows: 12, spellcheck: "false", "aria-label": t("body"), value: text ?? "" });
  const kept = h("p.note.is-warn.line", {}, t(request.truncated ? "cutBody" : "binary"), " ",
    button("replaceBody", () => { kept.replaceWith(body); body.focus(); }));
  const rows = part(...request.headers.map(fieldRow));
  const add = button("addHeader", () => { rows.append(fieldRow(["", ""])); rows.lastChild.firstChild.focus(); });
  const redacted = /<redacted>/.test([request.target, request.headers]) ? t("notShown") : "";
  const changes = () => ({
    method: method.value, target: target.value,
    headers: [...rows.children].map(row => [...row.querySelectorAll("input")].map(field => field.value)).filter(([name]) => name),
    ...(body.isConnected && body.value !== text ? { body: toBase64(new TextEncoder().encode(body.value)) }
      : request.truncated ? {} : { body: request.body }),
  });
  const submit = event => { event.preventDefault(); send(form.querySelector(".main"), changes()); };
  const keydown = event => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit(); };
  const form = h("form", { submit, keydown },
    h("div.first-line", {}, h("label", {}, t("method"), method), h("label", {}, t("path2"), target)),
    h("div.label", {}, t("headers"), rows, h("div.line", {}, add, redacted)),
    h("div.label", {}, t("body"), keep ? kept : body),
    h("div.line", {}, button("send", () => {}, ".main", { type: "submit" }), button("cancel", () => edit(false))));
  return form;
}

function fieldRow([name, value]) {
  const input = (key, text) => h("input", { value: text, "aria-label": t(key), spellcheck: "false" });
  const remove = iconButton("close", "remove", event => event.currentTarget.parentElement.remove());
  return h("div.field-row", {}, input("name", name), input("value", value), remove);
}

async function send(pressed, request) {
  const text = pressed.textContent;
  pressed.disabled = true;
  say(pressed, t("sending"));
  try {
    const { id } = await api(`/ui/visits/${inspector.id}/send`, request);
    toast(t("sentAgain", id));
    await poll.now();
    inspector.tab = "response";
    location.hash = id;
  } catch (error) {
    pressed.disabled = false;
    say(pressed, text);
    $("inspector").querySelector("[role=alert]")?.remove();
    $("inspector").querySelector(".scroll").prepend(h("p.note.is-bad", { role: "alert" }, error.message));
  }
}

/** What curl or the network adds by itself. */
const NOT_IN_CURL = new RegExp("^(host|content-length|transfer-encoding|connection|keep-alive|expect|accept-encoding|"
  + "forwarded|x-forwarded-.*|x-real-ip|x-request-id)$", "i");

function copyCurl(detail) {
  const url = places().find(place => place.name === detail.tunnel)?.url ?? "";
  copy(curl(detail, url), t(detail.request.truncated ? "curlCut" : "copied"));
}

/** What a terminal or a shell may obey when it is pasted, between quotes too; a shell reads a pasted CR as a line end. */
const ACTIVE = /[\0-\x08\x0b-\x1f\x7f-\x9f]/;

/** One word of a command; printf(1) writes what is active. In double quotes `!` is too. */
function quoted(text) {
  const inQuotes = text => `'${text.replaceAll("'", `'\\''`)}'`;
  if (!ACTIVE.test(text)) return inQuotes(text);
  const octal = byte => `\\${byte.toString(8).padStart(3, "0")}`;
  const spelled = text.replace(/[^\t\n -~]|[!%\\]/gu, found => [...new TextEncoder().encode(found)].map(octal).join(""));
  return `"$(printf -- ${inQuotes(spelled)})"`;
}

/** The request as a command; redacted values stay redacted. */
function curl({ request }, url) {
  const raw = fromBase64(request.body), text = asText(raw, "", false), words = ["curl"];
  if (request.method === "HEAD") words.push("--head");
  else if (request.method !== "GET" || raw.length) words.push(`-X ${quoted(request.method)}`);
  if (/[[\]{}]/.test(request.target)) words.push("--globoff");
  if (/\/\.\.?(\/|$)/.test(request.target)) words.push("--path-as-is");
  if (field(request, "accept-encoding")) words.push("--compressed");
  words.push(quoted(url.replace(/\/$/, "") + request.target));
  for (const [name, value] of request.headers.filter(([name]) => !NOT_IN_CURL.test(name))) {
    words.push(`\\\n  -H ${quoted(value ? `${name}: ${value}` : `${name};`)}`);
  }
  if (!raw.length) return words.join(" ");
  if (!field(request, "content-type")) words.push("\\\n  -H 'Content-Type:'");
  if (text !== null && !ACTIVE.test(text)) return `${words.join(" ")} \\\n  --data-raw ${quoted(text)}`;
  return `printf %s ${quoted(request.body)} | base64 -d | ${words.join(" ")} \\\n  --data-binary @-`;
}
