"use strict";
// The filters, the pages and the what-if of the preview. Everything from a post is set as text, never as markup.
const read = (id) => JSON.parse(document.getElementById(id).textContent);
const facts = read("facts");
let posts = [];
const say = (key, values = {}) => Object.entries(values).reduce((text, [name, value]) => text.replaceAll(`{${name}}`, value), facts.words[key] ?? key);
const plural = new Intl.PluralRules(facts.tag);
const number = new Intl.NumberFormat(facts.tag);
const day = new Intl.DateTimeFormat(facts.tag, { dateStyle: "long", timeZone: "UTC" });
const counted = (key, n) => (facts.words[`${key}.${plural.select(n)}`] ?? facts.words[`${key}.other`]).replaceAll("{n}", number.format(n));
const byId = new Map();
const $ = (selector) => document.querySelector(selector);
const form = $("#filters");
const cards = $("#cards");
const PAGE = 25;
let beside = false; // the originals stand open

// --- threads: every filter keeps or drops one whole, as the command line does
const groups = [];
const group = () => {
  const groupOf = new Array(posts.length);
  posts.forEach((post, at) => byId.set(post.i, at));
  posts.forEach((post, at) => {
    const root = post.t === undefined ? undefined : byId.get(post.t);
    if (root !== undefined && groupOf[root]) groupOf[root].push(at);
    else groups.push((groupOf[at] = [at]));
  });
};
let haystacks = [];
const haystack = (post) => (post.e ? `${post.o ?? ""}\n${post.e.join("\n")}` : (post.o ?? "")).toLowerCase();
const CHECKS = {
  state: (post, value) => (value === "all" ? true : value ? post.s === value : post.s !== "skip"),
  kind: (post, value) => post.k === value,
  has: (post, value) => (value === "link" ? Boolean(post.e) : (post.h ?? []).includes(value)),
  likes: (post, value) => (post.l ?? 0) >= Number(value),
  warning: (post, value) => (post.w ?? []).includes(value),
};
const yearOf = (post) => (post.d === undefined ? "" : String(new Date(post.d * 1000).getUTCFullYear()));
const chosen = () => Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value).trim()]));
// What is asked for, as tests of a thread: the year is that of its first post, all else may be said by any of them.
const checks = (wanted) => {
  const any = (fits, value) => (group) => group.some((at) => fits(posts[at], value));
  const made = Object.entries(CHECKS).filter(([name]) => name === "state" || wanted[name]).map(([name, fits]) => any(fits, wanted[name] ?? ""));
  if (wanted.year) made.push((group) => yearOf(posts[group[0]]) === wanted.year);
  const text = wanted.q?.toLowerCase();
  if (text) made.push((group) => group.some((at) => haystacks[at].includes(text)));
  return made;
};

// --- how long it would take: the fullest window decides, as in the program's own schedule
const waits = (needs) => facts.windows.map(([name, limit, length, aligned]) => {
  const full = Math.ceil((needs[name] ?? 0) / limit) - 1; // windows that are used up before the last one
  return full > 0 ? full * length - (aligned ? facts.start % length : 0) : 0;
});
const plain = (statuses) => Math.max(statuses * facts.each, facts.perHour ? ((statuses - 1) * 3600) / facts.perHour : 0, ...waits({ statuses, calls: statuses }));
// What goes out in the hours of one day: windows fill up again in the night, too.
const aDay = () => {
  const open = (facts.openHours ?? 24) * 3600;
  const most = facts.windows.filter(([name]) => name === "statuses" || name === "calls").map(([, limit, length]) => limit * Math.ceil(open / length));
  return Math.min(open / facts.each, facts.perHour ? (facts.perHour * open) / 3600 : Infinity, facts.perDay ?? Infinity, ...most);
};
// Days on which nothing is published push the end back.
const withoutShut = (told) => facts.shut.reduce((end, day) => end >= day * 86400 ? end + 86400 : end, told);
const seconds = (statuses, media) => {
  const days = (facts.openHours || facts.perDay) && statuses ? Math.ceil(statuses / aDay()) - 1 : 0;
  const told = withoutShut(days * 86400 + plain(statuses - days * (days ? aDay() : 0)));
  return Math.max(told, (statuses + media) * facts.each, ...waits({ media }));
};
const duration = (amount) => {
  const minutes = Math.round(amount / 60);
  if (minutes < 1) return say("time.moment");
  const [days, hours, left] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24, minutes % 60];
  const units = days ? [["days", days], ["hours", hours]] : [["hours", hours], ["minutes", left]];
  return units.filter(([, n]) => n).map(([unit, n]) => counted(`time.${unit}`, n)).join(" ");
};

// --- the command that carries just this
const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;
const command = (wanted) => {
  if (wanted.warning || ["hold", "sent", "failed", "skip"].includes(wanted.state)) return null;
  const words = ["passerelle publish", ...facts.options];
  const asked = (flag) => facts.narrowed.includes(flag); // two of a kind would add up, or one replace the other
  const flags = { q: "--grep", kind: "--kind", year: "--since", has: "--has", likes: "--min-likes" };
  if (Object.entries(flags).some(([name, flag]) => wanted[name] && asked(flag)) || (wanted.year && asked("--until"))) return null;
  if (wanted.q) words.push(`--grep ${quoted("(?i)" + wanted.q.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"))}`);
  if (wanted.kind) words.push(`--kind ${wanted.kind}`);
  if (wanted.year) words.push(`--since ${wanted.year}-01-01 --until ${wanted.year}-12-31`);
  if (wanted.has) words.push(`--has ${wanted.has}`);
  if (wanted.likes) words.push(`--min-likes ${Number(wanted.likes)}`);
  return words.join(" ");
};

// --- drawing
const element = (name, attributes = {}, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined && value !== null && value !== false) made.setAttribute(key, value === true ? "" : value);
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return made;
};
const webLink = (url) => {
  try {
    return ["http:", "https:"].includes(new URL(url).protocol);
  } catch {
    return false;
  }
};
const address = (post) => post.u ?? (facts.handle && post.d !== undefined && `https://twitter.com/${facts.handle}/status/${post.i}`);
const anchor = (url, text) => element("a", { href: url, rel: "noopener noreferrer nofollow" }, text);
const linked = (text) => text.split(/(https?:\/\/[^\s<>"]+)/).map((piece, at) => {
  if (at % 2 === 0) return piece;
  const url = piece.replace(/[.,;:!?)'»”]+$/, "");
  return webLink(url) ? element("span", {}, anchor(url, url), piece.slice(url.length)) : piece;
});
const medium = (each) => {
  const name = say(`medium.${each.t}`);
  const about = element("span", { class: "about" }, element("b", {}, name), " ");
  if (!each.f) about.append(element("em", { class: "bad" }, say("card.missing")), " ");
  about.append(each.d ? element("span", { dir: "auto" }, each.d) : element("em", { class: "bad" }, say("card.no_description")));
  if (each.c) about.append(" ", element("em", {}, each.c));
  const shown = each.h ? element("img", { src: each.h, alt: each.d ?? "", loading: "lazy" }) : element("span", { class: "frame", "aria-hidden": "true" }, name);
  return element("li", {}, shown, about);
};
const stateOf = (post) => element("span", { class: `state ${post.s}` }, say(`state.${post.s}`) + (post.r ? say("page.colon") + (facts.words[`reason.${post.r}`] ?? post.r) : ""));
const drawing = (name, attributes, ...children) => {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
};
const face = () => element("span", { class: "avatar", "aria-hidden": "true" }, facts.face ? drawing("svg", { viewBox: "0 0 96 96" }, drawing("use", { href: "#face" })) : facts.initial);
const moment = (post, said) => element("time", { datetime: new Date(post.d * 1000).toISOString() }, said);
const by = (post) => element("div", { class: "by" },
  face(),
  element("span", { class: "who" }, element("bdi", {}, facts.name), facts.handle && element("small", {}, element("bdi", {}, `@${facts.handle}`))),
  post.d !== undefined && element("a", { class: "when", href: `#p${post.i}`, title: say("card.permalink") }, moment(post, say("card.originally", { day: day.format(post.d * 1000) }))));
const quote = (id) => {
  const quoted = posts[byId.get(id)];
  const told = quoted && quoted.d !== undefined;
  return element("blockquote", { class: "quoted" },
    element("p", { class: "by" }, face(), element("span", { class: "who" }, element("bdi", {}, facts.name)), " ",
      element("a", { class: "when", href: `#p${id}` }, told ? moment(quoted, day.format(quoted.d * 1000)) : say("card.quotes"))),
    told && element("p", { class: "text", dir: "auto" }, quoted.o ?? ""));
};
const foot = (post, status, part, parts) => element("footer", {},
  stateOf(post),
  status && element("span", {}, say(`visibility.${status.v}`)),
  parts > 1 && element("span", {}, say("card.part", { part, parts })),
  status && element("span", { title: say("card.length") }, `${status.n}/${facts.max}`),
  part === 1 && post.l && element("span", {}, counted("likes", post.l)),
  address(post) && webLink(address(post)) && anchor(address(post), say("card.original")),
  status?.z && webLink(status.z) && anchor(status.z, say("card.status")));
const old = (post) => element("details", { class: "old", open: beside },
  element("summary", {}, say("card.old")),
  element("div", { class: "then" },
    post.d !== undefined && element("p", { class: "note" }, say("card.then", { day: day.format(post.d * 1000) })),
    element("p", { class: "text", dir: "auto" }, post.o ?? "")));
const card = (post, status, part, parts) => {
  const drawn = element("article", { class: `card${part > 1 || post.t ? " continues" : ""}`, id: part === 1 && `p${post.i}`, tabindex: part === 1 && "-1" });
  const made = element("div", { class: "new" }, by(post));
  if (!status) made.append(element("p", { class: "text left", dir: "auto" }, ...linked(post.o ?? "")));
  else {
    if (status.c) made.append(element("p", { class: "cw", dir: "auto" }, status.c));
    made.append(element("p", { class: "text", dir: "auto", lang: status.g }, ...linked(status.x ?? post.o + status.y)));
    if (status.m) made.append(element("ul", { class: `media m${Math.min(status.m.length, 4)}` }, ...status.m.map(medium)));
    if (status.o) made.append(element("p", { class: "label" }, say("card.poll")), element("ul", { class: "poll" }, ...status.o.map((option) => element("li", { dir: "auto" }, option))));
    if (status.b) made.append(element("p", { class: "quoted" }, say("card.boosts"), " ", status.b));
    if (status.q) made.append(quote(status.q));
  }
  made.append(foot(post, status, part, parts));
  drawn.append(made);
  if (status && part === parts) drawn.append(old(post));
  return drawn;
};
const drawnPost = (post) => (post.p?.length ? post.p.map((status, at) => card(post, status, at + 1, post.p.length)) : [card(post, null, 1, 1)]);

// --- state of the page
let shown = [];
let page = 0;
const pages = () => Math.max(1, Math.ceil(shown.length / PAGE));
const draw = () => {
  cards.replaceChildren(...shown.slice(page * PAGE, (page + 1) * PAGE).flatMap((at) => drawnPost(posts[at])));
  $("#shown").textContent = shown.length ? counted("list.shown", shown.length) : say(posts.length ? "list.nothing" : "list.empty");
  $("#pager").hidden = shown.length <= PAGE;
  $("#pager span").textContent = say("list.page", { page: number.format(page + 1), pages: number.format(pages()) });
  $("[data-do=previous]").disabled = page === 0;
  $("[data-do=next]").disabled = page >= pages() - 1;
};
const foretell = (wanted) => {
  let [carried, statuses, media] = [0, 0, 0];
  for (const at of shown) {
    if (posts[at].s !== "publish") continue;
    carried += 1;
    for (const status of posts[at].p ?? []) {
      if (status.a) continue;
      statuses += 1;
      if (status.m) media += status.m.filter((each) => each.f).length;
    }
  }
  const all = carried === facts.posts;
  const time = seconds(statuses, media);
  const said = { posts: counted("posts", carried), pictures: counted("pictures", media), duration: all ? facts.duration : duration(time) };
  const only = time < 30 ? "whatif.soon" : "whatif.only";
  $("#whatif output").textContent = carried ? say(all ? "whatif.all" : only, said) : say("whatif.none");
  const line = carried ? command(wanted) : null;
  $("#whatif code").textContent = line ?? (carried ? say("whatif.no_command") : "");
  $("#whatif [data-do=copy]").hidden = line === null;
  $("#whatif .line span").hidden = line === null;
};
const filter = () => {
  const wanted = chosen();
  const asked = checks(wanted);
  const kept = new Uint8Array(posts.length); // threads overlap in time: posts stay in the order of publication
  for (const group of groups) if (asked.every((fits) => fits(group))) for (const at of group) kept[at] = 1;
  shown = [];
  for (let at = 0; at < kept.length; at += 1) if (kept[at]) shown.push(at);
  page = 0;
  draw();
  foretell(wanted);
};
const remember = () => {
  const set = Object.entries(chosen()).filter(([, value]) => value);
  history.replaceState(null, "", set.length ? `#${new URLSearchParams(set)}` : location.pathname + location.search);
};
const open = (id) => {
  const at = byId.get(id);
  if (at === undefined) return false;
  if (!shown.includes(at)) {
    for (const field of form.elements) if (field.name) field.value = field.name === "state" ? "all" : "";
    filter();
  }
  page = Math.floor(shown.indexOf(at) / PAGE);
  draw();
  const target = document.getElementById(`p${id}`);
  document.querySelectorAll(".here").forEach((each) => each.classList.remove("here"));
  target?.classList.add("here");
  target?.scrollIntoView({ block: "center" });
  target?.focus({ preventScroll: true });
  return true;
};
const follow = () => {
  const hash = location.hash.slice(1);
  if (/^p\S/.test(hash) && open(hash.slice(1))) return;
  if (!hash.includes("=")) return;
  const asked = new URLSearchParams(hash); // decodes, once: `&`, `+` and `%` may be searched for
  for (const field of form.elements) if (field.name) field.value = asked.get(field.name) ?? "";
  filter();
};
const turn = (by_) => {
  page = Math.min(Math.max(page + by_, 0), pages() - 1);
  draw();
  $("#shown").scrollIntoView();
};

// --- what people do
const ids = () => shown.map((at) => posts[at].i);
const flash = (button) => {
  button.dataset.said ??= button.textContent; // once: a second press comes while it says so
  button.textContent = say("action.copied");
  setTimeout(() => (button.textContent = button.dataset.said), 1500);
};
const copy = (text, button) => navigator.clipboard.writeText(text).then(() => flash(button), () => prompt("", text));
const cell = (text) => `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
const download = () => {
  const rows = shown.map((at) => posts[at]).map((post) => [post.i, post.s, post.k ?? "", post.d === undefined ? "" : new Date(post.d * 1000).toISOString(), address(post) || "", (post.w ?? []).join(" "), post.o ?? ""]);
  const text = [["id", "decision", "kind", "created_at", "url", "warnings", "text"], ...rows].map((row) => row.map((each) => cell(String(each))).join(",")).join("\r\n");
  const link = element("a", { href: URL.createObjectURL(new Blob([`\ufeff${text}\r\n`], { type: "text/csv" })), download: "selection.csv" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
};
const ACTIONS = {
  copy: (button) => copy($("#whatif code").textContent, button),
  ids: (button) => copy(ids().join("\n"), button),
  download,
  beside: (button) => {
    beside = !beside;
    button.setAttribute("aria-pressed", String(beside));
    for (const each of document.querySelectorAll("details.old")) each.open = beside;
  },
  previous: () => turn(-1),
  next: () => turn(1),
};
const step = (by_) => {
  const here = [...cards.querySelectorAll("article[id]")];
  const at = here.findIndex((each) => each.classList.contains("here"));
  const next = here[Math.min(Math.max(at + by_, 0), here.length - 1)];
  here.forEach((each) => each.classList.toggle("here", each === next));
  next?.scrollIntoView({ block: "center" });
  next?.focus({ preventScroll: true });
};
const compare = () => {
  let part = $(".here");
  while (part && !part.querySelector("details.old")) part = part.nextElementSibling; // below its last part
  const old = part?.querySelector("details.old");
  if (old) old.open = !old.open;
};
const KEYS = { j: () => step(1), k: () => step(-1), n: () => turn(1), p: () => turn(-1), o: compare, "/": () => form.elements.q.focus() };
document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-do]");
  if (button) ACTIONS[button.dataset.do](button);
});
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
  if (KEYS[event.key]) {
    event.preventDefault();
    KEYS[event.key]();
  }
});
const changed = () => {
  filter();
  remember();
};
form.addEventListener("input", changed);
form.addEventListener("reset", () => setTimeout(changed));
form.addEventListener("submit", (event) => event.preventDefault());
window.addEventListener("hashchange", follow);

// --- the posts: as they are in a small page; in a large one packed, and unpacked once the page stands there
const unpacked = async (packed) => {
  const text = atob(packed);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
};
const begin = (found) => {
  posts = found;
  group();
  haystacks = posts.map(haystack); // before the first letter of a search, which should not wait for it
  form.hidden = false;
  $("#whatif").hidden = false;
  $("#beside").hidden = false;
  filter();
  follow();
  performance.mark("ready");
};
const data = document.getElementById("data");
if (data.type === "application/json") begin(JSON.parse(data.textContent));
else if (window.DecompressionStream) requestAnimationFrame(() => setTimeout(() => unpacked(data.textContent).then(begin)));
else $("#shown").textContent = say("list.old_browser");
