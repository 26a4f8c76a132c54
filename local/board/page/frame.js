// The frame of one custom widget, by CloudWatch's user guide ("Interactivity in the custom widget").
// Everything that a widget returns has been cleaned by the server (local/board/sanitising.py).

const find = (id) => document.getElementById(id);
const content = find("content");
const widget = await (await fetch("/widget.json")).json();
let asked = 0; // the newest call: a slower, older one must not replace its answer
let timer;

find("widget-title").textContent = widget.title;
find("notes").replaceChildren(...widget.notes.map((text) => Object.assign(document.createElement("li"), { textContent: text })));

// Settings may stand in the address, as in /?theme=dark&width=400.
for (const [name, value] of new URLSearchParams(location.search)) {
  const control = find(name);
  if (control instanceof HTMLSelectElement && [...control.options].some((option) => option.value === value)) control.value = value;
}

function settle() {
  document.documentElement.dataset.theme = find("theme").value;
  find("widget").style.width = `${find("width").value}px`;
  clearInterval(timer);
  if (Number(find("every").value)) timer = setInterval(refresh, 1000 * Number(find("every").value));
}

function context() {
  const end = Date.now();
  const length = 3600_000 * Number(find("range").value);
  return {
    dashboardName: "local",
    widgetId: "widget-1",
    domain: location.origin,
    accountId: "000000000000",
    locale: "en",
    timezone: { label: "UTC", offsetISO: "+00:00", offsetInMinutes: 0 },
    period: 300,
    isAutoPeriod: true,
    timeRange: { mode: "relative", start: end - length, end, relativeStart: length },
    theme: find("theme").value,
    linkCharts: true,
    title: widget.title,
    forms: { all: fields() },
    params: widget.params,
    width: content.clientWidth,
    height: Math.max(content.clientHeight, 300),
  };
}

// Every named field of the widget, in a form or not, in a window or not.
function fields() {
  const all = {};
  for (const field of document.querySelectorAll(".frame-content :is(input, select, textarea)[name]")) {
    if (["checkbox", "radio"].includes(field.type) && !field.checked) continue;
    all[field.name] = field.value;
  }
  return all;
}

function complain(text) {
  find("trouble").textContent = text;
  find("trouble").hidden = !text;
}

async function call(endpoint, event) {
  const answer = await fetch("/call", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ endpoint, event: { ...event, widgetContext: context() } }),
  });
  return answer.json();
}

async function callInto(place, endpoint, event) {
  const mine = ++asked;
  content.setAttribute("aria-busy", "true");
  let answer;
  try {
    answer = await call(endpoint, event);
  } catch {
    answer = { error: "The local stack does not answer: `make board` has ended." };
  }
  if (mine !== asked) return;
  content.setAttribute("aria-busy", "false");
  complain(answer.error || (answer.removed.length ? `Taken out, as a dashboard does: ${answer.removed.join(", ")}` : ""));
  if (!answer.error) show(place, answer.html);
}

function show(place, html) {
  const target = place === "popup" ? find("popup-content") : content;
  target.innerHTML = html;
  target.classList.toggle("frame-default-styles", !target.querySelector(".cwdb-no-default-styles"));
  if (place === "popup" && !find("popup").open) find("popup").showModal();
  if (place === "widget" && find("popup").open) find("popup").close();
  prepare(target);
}

// Each <cwdb-action> acts on the element right before it.
function prepare(root) {
  for (const action of root.querySelectorAll("cwdb-action")) {
    const before = action.previousElementSibling;
    const kind = action.getAttribute("action") ?? "html";
    const event = action.getAttribute("event") ?? "click";
    if (!before) complain("A cwdb-action has no element before it.");
    else if (!["click", "dblclick", "mouseenter"].includes(event)) complain(`A cwdb-action's event is ${event}.`);
    else if (event === "mouseenter" && kind === "call") complain("A cwdb-action may not call on mouseenter.");
    else before.addEventListener(event, (happened) => act(action, kind, happened));
  }
  for (const form of root.querySelectorAll("form")) form.addEventListener("submit", (event) => event.preventDefault());
}

async function act(action, kind, happened) {
  happened.preventDefault();
  happened.stopPropagation();
  const question = action.getAttribute("confirmation");
  if (question && !(await confirmed(question))) return;
  const place = action.getAttribute("display") === "popup" ? "popup" : "widget";
  if (kind === "html") {
    show(place, action.innerHTML);
    return;
  }
  const text = action.textContent.trim();
  try {
    await callInto(place, action.getAttribute("endpoint"), text ? JSON.parse(text) : {});
  } catch (error) {
    complain(`What a cwdb-action sends is not JSON: ${error.message}`);
  }
}

function confirmed(question) {
  const dialog = find("confirmation");
  find("confirmation-text").textContent = question;
  dialog.returnValue = "no"; // Escape is no
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

const refresh = () => callInto("widget", widget.endpoint, widget.params);

// What has the widget called anew, if the dashboard says nothing else; a new theme always has.
for (const [id, cause] of [["range", "timeRange"], ["width", "resize"], ["theme", "theme"]]) {
  find(id).addEventListener("change", () => {
    settle();
    if (widget.updateOn[cause] ?? true) refresh();
  });
}
find("every").addEventListener("change", settle);
find("refresh").addEventListener("click", refresh);
find("documentation").addEventListener("click", () => callInto("popup", widget.endpoint, { describe: true }));
settle();
refresh();
