const field = (message, name) => message.headers.find(([key]) => key.toLowerCase() === name)?.[1] ?? "";
const fromBase64 = text => Uint8Array.from(atob(text ?? ""), character => character.charCodeAt(0));

function toBase64(data) {
  let text = "";
  for (let begin = 0; begin < data.length; begin += 8192) text += String.fromCharCode(...data.subarray(begin, begin + 8192));
  return btoa(text);
}

/** A few bytes may stand for millions: no more are decoded. */
const DECODED = 1 << 20;

/** What a message carries: { data, text, type, coding, cut }; text is null where it is not text. */
async function readBody(message) {
  const raw = fromBase64(message.body), coding = field(message, "content-encoding").trim().toLowerCase();
  const plain = ["gzip", "deflate"].includes(coding) ? await decompressed(raw, coding) : null;
  const data = plain ?? raw, type = field(message, "content-type"), cut = plain?.length === DECODED;
  return { data, type, text: asText(data, type, cut || message.truncated), coding: plain && coding, cut };
}

/** The bytes before a content coding, as far as they are kept; null without any. */
async function decompressed(raw, coding) {
  const parts = [];
  try {
    const reader = new Blob([raw]).stream().pipeThrough(new DecompressionStream(coding)).getReader();
    for (let size = 0, part; size < DECODED && !(part = await reader.read()).done; size += part.value.length) parts.push(part.value);
    await reader.cancel();
  } catch { /* The body is cut: what came before is shown. */ }
  return parts.length ? new Uint8Array(await new Blob(parts).slice(0, DECODED).arrayBuffer()) : null;
}

function asText(data, type, truncated) {
  const charset = /charset="?([\w.:-]+)/i.exec(type)?.[1] ?? "utf-8";
  try {
    const text = new TextDecoder(charset, { fatal: true }).decode(data, { stream: truncated });
    return /[\0-\x08\x0e-\x1a\x1c-\x1f]/.test(text) ? null : text;
  } catch {
    return null;
  }
}

/** The views that fit a body, the best one first. */
function views(body) {
  const found = [];
  if (body.text !== null) {
    const value = parsed(body.text);
    if (value !== undefined) found.push(["json", () => h("div.box.json", {}, jsonTree(value, "", 2))]);
    const fields = formFields(body);
    if (fields) found.push(["form", () => fieldTable(fields)]);
    found.push(["text", () => h("pre.box", {}, body.text)]);
  } else if (/^multipart\/form-data/i.test(body.type)) {
    found.push(["form", () => fieldTable(formFields(body) ?? [])]);
  } else if (/^image\/(png|jpeg|gif|webp|avif)/i.test(body.type)) {
    const src = `data:${body.type.split(";")[0]};base64,${toBase64(body.data)}`;
    found.push(["image", () => h("div.box", {}, h("img", { alt: "", src }))]);
  }
  return [...found, ["hex", () => h("pre.box.hex", {}, hexDump(body.data))]];
}

function parsed(text) {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try { return JSON.parse(text); } catch { return undefined; }
}

/** A value that opens and closes; what is closed is not built before it is opened. */
function jsonTree(value, name, open) {
  const label = name === "" ? [] : [h("span.name", {}, `${name}: `)];
  if (value === null || typeof value !== "object") {
    const look = typeof value === "string" ? "string" : typeof value === "number" ? "number" : "word";
    return h("div", {}, ...label, h(`span.${look}`, {}, JSON.stringify(value)));
  }
  const list = Array.isArray(value), entries = Object.entries(value), ends = list ? "[]" : "{}";
  if (!entries.length) return h("div", {}, ...label, ends);
  const inside = h("div");
  const child = ([key, item]) => jsonTree(item, list ? key : JSON.stringify(key), open - 1);
  const fill = limit => inside.replaceChildren(...entries.slice(0, limit).map(child),
    entries.length > limit ? h("button.plain", { click: () => fill(Infinity) }, t("more", entries.length - limit)) : "");
  const details = h("details", { open: open > 0, toggle: () => inside.hasChildNodes() || fill(200) },
    h("summary", {}, ...label, ends[0], h("span.muted", {}, ` ${entries.length} `), ends[1]), inside);
  if (open > 0) fill(200);
  return details;
}

/** Names and values of a form, url-encoded or multipart; null where a body is neither. */
function formFields(body) {
  if (/^application\/x-www-form-urlencoded/i.test(body.type)) return [...new URLSearchParams(body.text)];
  const boundary = /^multipart\/form-data;.*boundary="?([^";]+)/i.exec(body.type)?.[1];
  return boundary ? multipartFields(body.data, boundary) : null;
}

function multipartFields(data, boundary) {
  return atob(toBase64(data)).split(`--${boundary}`).slice(1).flatMap(part => {
    const [head, ...rest] = part.split("\r\n\r\n"), content = rest.join("\r\n\r\n").replace(/\r\n$/, "");
    const utf8 = text => new TextDecoder().decode(fromBase64(btoa(text)));
    const name = /\bname="([^"]*)"/i.exec(head)?.[1], file = /\bfilename="([^"]*)"/i.exec(head)?.[1];
    return name == null ? [] : [[utf8(name), file == null ? utf8(content) : `${utf8(file)} · ${bytes(content.length)}`]];
  });
}

function hexDump(data) {
  const lines = [];
  for (let at = 0; at < data.length; at += 16) {
    const row = [...data.subarray(at, at + 16)], pairs = row.map(byte => byte.toString(16).padStart(2, "0"));
    const hex = `${pairs.slice(0, 8).join(" ")}  ${pairs.slice(8).join(" ")}`.padEnd(48);
    const text = row.map(byte => byte > 31 && byte < 127 ? String.fromCharCode(byte) : "·").join("");
    lines.push(`${at.toString(16).padStart(6, "0")}  ${hex}  ${text}`);
  }
  return lines.join("\n");
}

const fieldTable = fields => table("", fields.map(cells => h("tr", {}, ...cells.map(cell => h("td", {}, cell)))));
