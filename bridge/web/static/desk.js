// What the pages do more where there is a script. Without it every form works as well, one page at a time.
"use strict";
document.documentElement.classList.add("scripted");

const posts = () => [...document.querySelectorAll("article.post")];
let here = null;

function go(step) {
  const all = posts();
  if (!all.length) return;
  const at = all.findIndex((each) => each.id === here);
  const next = all[Math.min(all.length - 1, Math.max(0, at < 0 ? 0 : at + step))];
  all.forEach((each) => each.classList.toggle("here", each === next));
  here = next.id;
  next.tabIndex = -1;
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "center" });
}

function press(selector) {
  const found = here && document.getElementById(here)?.querySelector(selector);
  if (found) found.click();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey && event.key === "Enter" && event.target.form) {
    event.preventDefault();
    event.target.form.requestSubmit(event.target.form.querySelector("button.main"));
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
  const actions = {
    j: () => go(1), k: () => go(-1),
    a: () => press("button[value=approve]"), e: () => press("a.button[href*='/edit']"),
  };
  if (actions[event.key] && posts().length) {
    event.preventDefault();
    actions[event.key]();
  }
});

const pace = document.getElementById("pace");
if (pace) pace.addEventListener("input", () => { pace.querySelector("output").textContent = pace.per_hour.value; });

// Saving is for the browser: only what is typed goes to the trial.
const run = document.getElementById("run");
if (run) {
  const number = new Intl.NumberFormat(document.documentElement.lang);
  const events = new EventSource("/publish/events");
  addEventListener("pagehide", () => events.close());
  events.onmessage = ({ data }) => {
    const now = JSON.parse(data);
    for (const each of run.querySelectorAll("[data-count]")) each.textContent = number.format(now[each.dataset.count]);
    const bar = run.querySelector("progress");
    bar.max = Math.max(1, now.published + now.left);
    bar.value = now.published;
    run.querySelector("[data-last]").textContent = now.said;
    if (now.running !== (run.dataset.running === "yes")) {
      events.close();
      location.reload();
    }
  };
}
