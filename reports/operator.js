// The operator's page. Every text from outside goes into textContent, never into markup.
"use strict";

const settings = JSON.parse(document.getElementById("settings").textContent);
const at = (id) => document.getElementById(id);
let language = localStorage.getItem("dicomtest-language") || settings.language;
let state = { version: -1, card: null, past: [], over: false, link: "" };
let shown = 0; // number of the card on the page
let until = 0; // when its time is over, by this page's clock
const chosen = {}; // answers to the questions of the card

const word = (name) => settings.words[language][name];
const text = (both) => both[language] || both.en;

function made(tag, content, className) {
  const element = document.createElement(tag);
  element.textContent = content;
  if (className) element.className = className;
  return element;
}

function fill(list, items, none) {
  const wanted = items.length ? items : none ? [none] : [];
  const same = list.children.length === wanted.length &&
    wanted.every((each, i) => list.children[i].textContent === each);
  if (same) return; // a screen reader would read it all again
  list.replaceChildren(...wanted.map((each) => made("li", each, items.length ? "" : "none")));
}

function translate() {
  document.documentElement.lang = language;
  document.title = word("title");
  for (const each of document.querySelectorAll("[data-word]")) {
    each.textContent = word(each.dataset.word);
  }
  at("reasons").replaceChildren(made("legend", word("reason")));
  for (const [name, reason] of Object.entries(settings.reasons[language])) {
    at("reasons").append(choice("reason", reason, reason, name === "other"));
  }
}

function choice(name, value, label, checked, changed) {
  const box = document.createElement("label");
  const input = document.createElement("input");
  Object.assign(input, { type: "radio", name, value, checked: Boolean(checked) });
  if (changed) input.addEventListener("change", changed);
  box.append(input, document.createTextNode(label));
  return box;
}

function questions(card) {
  const form = at("questions");
  form.hidden = card.questions.length === 0;
  form.replaceChildren(...card.questions.map((question) => {
    const set = document.createElement("fieldset");
    set.append(made("legend", text(question.text)));
    const keep = (event) => { chosen[question.id] = event.target.value; };
    if (question.kind === "text") {
      const input = document.createElement("input");
      input.value = chosen[question.id] || "";
      input.setAttribute("aria-label", text(question.text));
      input.addEventListener("input", keep);
      set.append(input);
      return set;
    }
    for (const value of ["yes", "no", "unknown"]) {
      set.append(choice(question.id, value, word(value), chosen[question.id] === value, keep));
    }
    return set;
  }));
}

function show() {
  const card = state.card;
  at("site").textContent = settings.site;
  at("card").hidden = !card;
  at("idle").hidden = Boolean(card);
  at("idle-text").textContent = word(state.over ? "over" : "idle");
  at("where").textContent = card ? `${card.scenario} / ${card.step}` : "";
  at("past-box").hidden = state.past.length === 0;
  at("past").replaceChildren(...state.past.map((each) => {
    const item = made("li", `${each.step}: `);
    item.append(made("b", text(each.outcome)));
    return item;
  }));
  at("link").hidden = !state.link;
  at("url").textContent = state.link;
  if (!card) { shown = 0; return; }
  const fresh = card.number !== shown;
  if (fresh) {
    for (const name of Object.keys(chosen)) delete chosen[name];
    at("message").textContent = "";
    if (at("why").open) at("why").close("cancel");
  }
  at("system").textContent = card.system;
  at("task").textContent = text(card.task);
  at("awaited").textContent = text(card.awaited);
  at("use").replaceChildren(...card.use.flatMap(
    ([name, value]) => [made("dt", text(name)), made("dd", value)]));
  at("itself").hidden = card.way === "operator";
  fill(at("seen"), card.seen.map(text), word("nothing"));
  fill(at("near"), card.near.map(text));
  at("near-box").hidden = card.near.length === 0;
  if (fresh || document.documentElement.dataset.asked !== language) questions(card);
  document.documentElement.dataset.asked = language;
  document.querySelector("[data-choice=done]").textContent =
    word(card.questions.length ? "answers" : "done");
  until = Date.now() + card.left * 1000;
  shown = card.number;
  clock();
  if (fresh) at("task").focus({ preventScroll: true });
}

function clock() {
  if (!state.card) return;
  const left = Math.max(0, Math.round((until - Date.now()) / 1000));
  const minutes = Math.floor(left / 60);
  at("left").textContent = `${minutes}:${String(left % 60).padStart(2, "0")}`;
  at("bar").value = Math.min(100, (100 * left) / Math.max(1, state.card.limit));
}

async function say(what, reason = "", note = "") {
  const card = state.card;
  if (!card) return;
  const body = JSON.stringify({
    number: card.number, choice: what, by: at("name").value, reason, note,
    questions: what === "done" ? chosen : {},
  });
  try {
    const answer = await fetch("/answer", {
      method: "POST", body,
      headers: { "Content-Type": "application/json", "X-Token": settings.token },
    });
    at("message").textContent = answer.status === 409 ? word("first") : "";
  } catch {
    at("message").textContent = word("gone");
  }
}

function askWhy(what) {
  const dialog = at("why");
  at("why-title").textContent = word(what);
  at("reasons").hidden = what !== "fails";
  at("note").value = "";
  dialog.returnValue = "cancel";
  dialog.onclose = () => {
    if (dialog.returnValue !== "send") return;
    const reason = what === "fails" ? dialog.querySelector("input:checked") : null;
    say(what, reason ? reason.value : "", at("note").value.trim());
  };
  dialog.showModal();
}

async function follow() {
  for (;;) {
    try {
      const answer = await fetch(`/state?version=${state.version}`);
      if (!answer.ok) throw new Error(answer.status);
      state = await answer.json();
      show();
      if (state.over) return;
    } catch {
      if (state.over) return;
      at("message").textContent = word("gone");
      state.version = -1;
      await new Promise((resume) => setTimeout(resume, 2000));
    }
  }
}

at("buttons").addEventListener("click", (event) => {
  const what = event.target.dataset.choice;
  if (!what) return;
  if (what === "fails" || what === "impossible") askWhy(what);
  else say(what);
});
at("questions").addEventListener("submit", (event) => event.preventDefault());
at("language").addEventListener("click", () => {
  language = language === "en" ? "zh" : "en";
  localStorage.setItem("dicomtest-language", language);
  translate();
  show();
});
at("name").value = localStorage.getItem("dicomtest-name") || settings.name;
at("name").addEventListener("change", () => {
  localStorage.setItem("dicomtest-name", at("name").value);
});
translate();
show();
setInterval(clock, 1000);
follow();
