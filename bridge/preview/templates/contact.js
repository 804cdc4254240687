"use strict";
const frames = [...document.querySelectorAll(".frame")];
const bar = document.querySelector(".bar");
const keyOf = (frame) => `passerelle ${document.body.dataset.owner} ${frame.dataset.tweet} ${frame.dataset.index}`;
const field = (frame) => frame.querySelector("textarea");
const remembered = (frame, text) => {
  try {
    if (text === undefined) return localStorage.getItem(keyOf(frame));
    localStorage.setItem(keyOf(frame), text);
  } catch {
    return null; // some browsers keep nothing for files
  }
};
const count = () => {
  const done = frames.filter((frame) => field(frame).value.trim()).length;
  frames.forEach((frame) => frame.classList.toggle("done", Boolean(field(frame).value.trim())));
  bar.querySelector("output").textContent = `${done} of ${frames.length} described`;
};
const cell = (text) => `"${(/^[=+\-@\t]/.test(text) ? "'" + text : text).replaceAll('"', '""')}"`;
const save = () => {
  const rows = frames
    .filter((frame) => field(frame).value.trim())
    .map((frame) => [frame.dataset.tweet, frame.dataset.index, frame.dataset.file, field(frame).value.trim()]);
  const text = [["tweet_id", "media_index", "file", "alt_text"], ...rows]
    .map((row) => row.map(cell).join(",")).join("\r\n");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(["\ufeff" + text + "\r\n"], { type: "text/csv" }));
  link.download = `descriptions-${document.body.dataset.owner}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
};
for (const frame of frames) {
  const before = remembered(frame);
  if (before) field(frame).value = before;
  field(frame).addEventListener("input", () => { remembered(frame, field(frame).value); count(); });
}
if (frames.length) {
  bar.hidden = false;
  bar.querySelector("button").addEventListener("click", save);
  count();
}
