// What moves by itself, and small helps while typing. Every page works without it.

const everyone = (selector, root = document) => [...root.querySelectorAll(selector)];

// Moments are shown in the person's own time zone.
function localise(root) {
  const language = document.documentElement.lang;
  for (const element of everyone("[data-moment]", root)) {
    const style = element.dataset.moment === "time" ? { dateStyle: "medium", timeStyle: "short" } : { dateStyle: "long" };
    element.textContent = new Intl.DateTimeFormat(language, style).format(new Date(element.dateTime));
  }
}

// The page is read again, and the parts of it that are live are replaced. What is being typed stays.
const TRIES = 5;
let reading = false, again = false, failures = 0;
async function refresh() {
  if (reading) { again = true; return; }
  reading = true;
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    if (answer.redirected || !answer.ok) { location.reload(); return; }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of everyone("[data-part]", page)) {
      const shown = document.getElementById(part.id);
      const isTyping = shown?.contains(document.activeElement) && document.activeElement.matches("input, textarea, select");
      if (shown && !isTyping) { localise(part); keepProgress(shown, part); shown.replaceWith(part); }
      if (!shown && page.querySelector("main")) { location.reload(); return; }
    }
    failures = 0;
  } catch {
    // The network is away, though the line to the server may stand: the page is read when it is back, and tried some times until then.
    failures += 1;
    if (failures < TRIES) setTimeout(refresh, 1_000 * 2 ** failures);
  } finally {
    reading = false;
    if (again) { again = false; refresh(); }
  }
}

// What is read may be a second older than what was heard; within an attempt progress never falls.
function keepProgress(shown, part) {
  for (const bar of everyone("progress", part)) {
    const before = document.getElementById(bar.id);
    if (before && shown.contains(before) && before.dataset.attempt === bar.dataset.attempt && before.value > bar.value) setProgress(part, bar, before.value);
  }
}

function setProgress(root, bar, percent) {
  bar.value = percent;
  for (const text of everyone(`[data-percent="${bar.id}"]`, root)) text.textContent = text.textContent.replace(/\d+/, percent);
}

function hear(change) {
  if (change.kind === "ended") location.reload();
  else if (change.kind === "changed") refresh();
  else {
    const bar = document.getElementById(`progress-${change.job}`);
    if (bar && change.percent > bar.value) setProgress(document, bar, change.percent);
  }
}

// One line to the server for all pages that are looked at: browsers allow six to a server. Whoever has the lock has the line and
// passes on what it hears; when that page goes or is hidden, another one takes over and all read anew what they may have missed.
function live(address) {
  const channel = new BroadcastChannel("erpmax-live");
  const tell = (change) => { hear(change); channel.postMessage(change); };
  channel.onmessage = ({ data }) => { if (!document.hidden) hear(data); };
  let leave = null;

  const listen = () => new Promise((end) => {
    const line = new EventSource(address);
    // The first line may have opened after something happened; a later one certainly did.
    line.onopen = () => tell({ kind: "changed" });
    line.onmessage = ({ data }) => tell(JSON.parse(data));
    leave.signal.addEventListener("abort", () => { line.close(); end(); });
  });
  const enter = () => {
    if (leave || document.hidden) return;
    leave = new AbortController();
    const { signal } = leave;
    const held = navigator.locks ? navigator.locks.request("erpmax-live", { signal }, listen) : listen();
    held.catch((problem) => { if (!signal.aborted) throw problem; });
  };
  const exit = () => { leave?.abort(); leave = null; };
  document.addEventListener("visibilitychange", () => { if (document.hidden) exit(); else { enter(); refresh(); } });
  addEventListener("online", () => { failures = 0; refresh(); });
  addEventListener("pagehide", exit);
  addEventListener("pageshow", enter);
  enter();
}

// The address that a site will have: near enough; the server decides.
const LETTERS = { а: "a", б: "b", в: "v", г: "h", ґ: "g", д: "d", е: "e", є: "ie", ж: "zh", з: "z", и: "y", і: "i", ї: "i", й: "i", к: "k", л: "l",
  м: "m", н: "n", о: "o", п: "p", р: "r", с: "s", т: "t", у: "u", ф: "f", х: "kh", ц: "ts", ч: "ch", ш: "sh", щ: "shch", ь: "", ю: "iu", я: "ia", "'": "", "’": "" };
function word(name) {
  const plain = [...name.toLowerCase()].map((letter) => LETTERS[letter] ?? letter).join("").normalize("NFD").replace(/\p{M}/gu, "");
  return plain.replace(/[^a-z0-9]+/g, "-").replace(/^[-0-9]+|-+$/g, "").slice(0, 40);
}

const helps = {
  site(input, say) {
    const { siteUrl, siteAbout } = input.form.dataset;
    const company = word(input.value);
    say(company.length > 2 ? `${siteAbout} ${siteUrl.replace("{company}", company)}` : "");
  },
  strength(input, say) {
    const { weak, fair, strong } = input.form.dataset;
    const { length } = input.value, kinds = new Set(input.value).size;
    say(!length ? "" : length < 8 || kinds < 5 ? weak : length < 14 ? fair : strong);
  },
};

for (const input of everyone("[data-help]")) {
  const line = document.createElement("p");
  line.className = "hint";
  line.setAttribute("aria-live", "polite");
  document.getElementById(`${input.name}-about`).append(line);
  const help = () => helps[input.dataset.help](input, (text) => { line.textContent = text; });
  input.addEventListener("input", help);
  help();
}

// Choices apply as they are made; the button is for those without script.
for (const form of everyone("form.choices")) {
  form.querySelector("button").hidden = true;
  form.addEventListener("change", () => form.submit());
}

// A form is sent once.
addEventListener("submit", ({ target }) => {
  for (const button of everyone("button", target)) setTimeout(() => { button.disabled = true; });
});
addEventListener("pageshow", () => { for (const button of everyone("button")) button.disabled = false; });

localise(document);
document.querySelector("[aria-invalid]")?.focus();
if (document.body.dataset.live && window.EventSource) live(document.body.dataset.live);
