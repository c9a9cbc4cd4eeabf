// SPDX-License-Identifier: Apache-2.0

// What pages gain where scripts run; every page works without this file.
// Attributes ask for it, and the server writes every word that is shown:
//   #error-summary                    takes focus
//   [data-when]                       shown while its condition holds
//   form[data-known]                  what else conditions ask for: {"@case": …, "field": …}
//   form[data-autosave=URL]           saved while it is filled in; [data-autosave-state] says how it went
//   form[data-once]                   sent once only
//   form[data-upload]                 shows how much of its files is sent
//   input[data-select-all=NAME]       ticks all boxes of that name in its table
//   [data-poll=URL]                   goes on by itself: looked up again until its address is empty
// Start at the last lines.

/** Empty as internal/form/when.go has it; unanswered is null. */
const empty = v => v == null || v === "" || (Array.isArray(v) && v.length === 0);

/** An answer as typed against a value of a condition: pages hold yes and no as words. */
const same = (v, x) => v === x || (typeof x === "boolean" && v === (x ? "yes" : "no"));

/**
 * Whether a condition holds, as When.Holds decides it, where read(path) is the
 * answer there. null means that nobody can tell here: read gave undefined.
 */
function holds(w, read) {
  const each = list => list.map(x => holds(x, read));
  if (w.all) return fold(each(w.all), false);
  if (w.any) return fold(each(w.any), true);
  if (w.not) {
    const h = holds(w.not, read);
    return h === null ? null : !h;
  }
  const v = read(w.field);
  if (v === undefined) return null;
  if ("filled" in w) return !empty(v) === w.filled;
  if ("is" in w) return same(v, w.is);
  if ("is_not" in w) return !empty(v) && !same(v, w.is_not);
  if (w.in) return w.in.some(x => same(v, x));
  if ("has" in w) return Array.isArray(v) && v.some(x => same(x, w.has));
  if ("more" in w) return typeof v === "number" && v > w.more;
  if ("less" in w) return typeof v === "number" && v < w.less;
  return false;
}

/** One decisive part settles it; otherwise one unknown part leaves it unknown. */
function fold(parts, decisive) {
  if (parts.includes(decisive)) return decisive;
  return parts.includes(null) ? null : !decisive;
}

/** The controls of a form by name. */
function controls(form) {
  const names = new Map();
  for (const c of form.elements) {
    if (!c.name || c.type === "submit" || c.type === "button") continue;
    names.has(c.name) ? names.get(c.name).push(c) : names.set(c.name, [c]);
  }
  return names;
}

/** The answer that controls of one name hold, typed as internal/form/values.go types it. */
function answer(list) {
  if (list.some(c => c.type === "checkbox")) return list.filter(c => c.checked && c.type === "checkbox").map(c => c.value);
  if (list[0].type === "radio") return list.find(c => c.checked)?.value ?? null;
  const c = list.at(-1), is = type => c.classList.contains("input-" + type);
  if (is("integer") || is("money")) {
    const digits = c.value.replace(/[. \u00a0]/g, "");
    return /^[+-]?\d+$/.test(digits) ? Number(digits) : c.value;
  }
  if (is("decimal")) {
    const n = c.value.trim().replaceAll(",", ".");
    return n !== "" && !isNaN(n) ? Number(n) : c.value;
  }
  const day = is("date") && /^\s*(\d\d?)\/(\d\d?)\/(\d{4})\s*$/.exec(c.value);
  return day ? `${day[3]}-${day[2].padStart(2, "0")}-${day[1].padStart(2, "0")}` : c.value;
}

/**
 * Looks paths up as Scope.lookup does, seen from the control of this name:
 * the items around it from the inside out, then what the server knows.
 */
function reader(form, names, name, known) {
  const scopes = [];
  for (let at = name.lastIndexOf("."); at > 0; at = name.lastIndexOf(".", at - 1)) scopes.push(name.slice(0, at + 1));
  scopes.push("");

  const read = n => names.get(n)[0].closest("[data-when][hidden]") ? null : answer(names.get(n)); // what is hidden does not count
  const below = path => [...names.keys()].filter(n => n.startsWith(path + "."));
  const asked = path => names.has(path) || below(path).length > 0 || form.querySelector("fieldset#" + path.replaceAll(".", "-")) !== null;
  const group = path => below(path).filter(n => /^\d+\./.test(n.slice(path.length + 1)) || !empty(read(n)));
  const served = path => path.split(".").reduce((v, part) => v?.[part], known) ?? null;

  return path => {
    if (path.startsWith("@")) return known ? known[path] ?? null : undefined;
    const scope = scopes.find(s => asked(s + path.split(".")[0]));
    if (scope === undefined) return known ? served(path) : undefined;
    return names.has(scope + path) ? read(scope + path) : group(scope + path);
  };
}

/**
 * Shows and hides by conditions. What is hidden keeps what was typed: the
 * server leaves it out. What nobody can tell here stays as it was served, or
 * is shown once the answer that had hidden it has changed.
 */
function conditions(form) {
  const known = form.dataset.known && JSON.parse(form.dataset.known);
  const parts = [...form.querySelectorAll("[data-when]")].map(el => ({
    el, when: JSON.parse(el.dataset.when), name: el.id ? el.id.replaceAll("-", ".") : el.querySelector("[name]")?.name ?? "",
  }));
  if (!parts.length) return;
  const follow = () => {
    const names = controls(form);
    for (let changed = true, round = 0; changed && round < 16; round++) {
      changed = false;
      for (const p of parts) {
        const h = holds(p.when, reader(form, names, p.name, known));
        p.unknown ??= h === null && p.el.hidden;
        const hidden = h === null ? p.unknown : !h;
        changed ||= hidden !== p.el.hidden;
        p.el.hidden = hidden;
      }
    }
  };
  follow();
  form.addEventListener("input", follow);
  addEventListener("pageshow", follow);
}

/**
 * Saves a form while it is filled in: after a pause, one request at a time,
 * again with longer and longer waits when it fails. The address answers 2xx;
 * anything else, a redirect to the sign-in page too, is not saved.
 */
function autosave(form) {
  const state = form.querySelector("[data-autosave-state]") ?? document.querySelector("[data-autosave-state]");
  let changed = 0, saved = 0, failures = 0, sending = null, submitted = false, timer;

  const say = key => { if (state) state.textContent = state.dataset[key] ?? ""; };
  const saveIn = ms => { clearTimeout(timer); timer = setTimeout(save, ms); };
  const warn = e => { if (!submitted && form.isConnected) e.preventDefault(); };

  async function post() {
    const version = changed;
    const body = new URLSearchParams([...new FormData(form)].filter(([, v]) => typeof v === "string"));
    say("saving");
    let status;
    try {
      const response = await fetch(form.dataset.autosave, { method: "POST", body, redirect: "manual", keepalive: String(body).length < 6e4, signal: AbortSignal.timeout?.(2e4) });
      status = response.ok ? 200 : response.status;
    } catch {
      status = 503;
    }
    sending = null;
    if (status === 200) {
      saved = version;
      failures = 0;
      if (saved === changed) {
        say("saved");
        removeEventListener("beforeunload", warn);
      } else if (!submitted) saveIn(800);
      return;
    }
    say("failed");
    if (!submitted && (changed > version || status >= 500 || status === 429)) saveIn(Math.min(6e4, 2e3 * 2 ** failures++));
  }

  function save() {
    clearTimeout(timer);
    if (sending || submitted || saved === changed || !form.isConnected) return;
    sending = post();
  }

  function change(e) {
    if (e.target.type === "file") return;
    changed++;
    submitted = false;
    addEventListener("beforeunload", warn);
    if (!sending) saveIn(800);
  }

  form.addEventListener("input", change);
  form.addEventListener("submit", e => {
    if (!sending) {
      clearTimeout(timer);
      submitted = true;
      return;
    }
    // What is under way must not arrive after what is sent now.
    e.preventDefault();
    e.stopImmediatePropagation();
    if (submitted) return;
    submitted = true;
    const by = e.submitter;
    sending.then(() => form.requestSubmit(by));
  });
  addEventListener("online", save);
  addEventListener("pageshow", () => { submitted = false; });
  document.addEventListener("visibilitychange", () => { if (document.hidden) save(); });
}

const sent = new WeakSet();

/** Marks a form as sent, or as ready to be sent again. */
function mark(form, isSent) {
  isSent ? sent.add(form) : sent.delete(form);
  for (const c of form.elements) {
    if (c.type !== "submit") continue;
    isSent ? c.setAttribute("aria-disabled", "true") : c.removeAttribute("aria-disabled");
  }
}

/** Lets a form be sent once, until its page is shown again. */
function once(form) {
  form.addEventListener("submit", e => {
    if (!sent.has(form)) return mark(form, true);
    e.preventDefault();
    e.stopImmediatePropagation();
  });
  addEventListener("pageshow", () => mark(form, false));
}

/**
 * Sends a form with files and shows how far it is. The server answers with a
 * redirect to a page, which is loaded, or with an error page, which is shown.
 */
function upload(form) {
  const state = form.querySelector("[data-upload-state]") ?? form.appendChild(document.createElement("div"));
  const bar = document.createElement("progress"), words = document.createElement("p");
  let busy = false;
  state.dataset.uploadState = "";
  bar.max = 100;
  bar.hidden = true;
  bar.setAttribute("aria-label", form.dataset.upload);
  words.setAttribute("role", "status");
  state.replaceChildren(bar, words);

  // Said in steps of ten, for those who hear it.
  const show = part => {
    bar.hidden = false;
    bar.value = part * 100;
    const text = `${form.dataset.upload} ${Math.floor(part * 10) * 10}%`;
    if (words.textContent !== text) words.textContent = text;
  };

  form.addEventListener("submit", e => {
    if (!busy && ![...form.elements].some(c => c.files?.length)) return;
    e.preventDefault();
    if (busy) return;
    busy = true;
    mark(form, true);
    const by = e.submitter, body = new FormData(form), request = new XMLHttpRequest();
    if (by?.name) body.append(by.name, by.value);
    request.open("POST", by?.getAttribute("formaction") ?? form.getAttribute("action") ?? location.href);
    request.upload.onprogress = p => { if (p.lengthComputable) show(p.loaded / p.total); };
    request.onload = () => request.status < 400 ? location.assign(request.responseURL) : replacePage(request.responseText);
    request.onerror = () => form.submit();
    show(0);
    request.send(body);
  });
  addEventListener("pageshow", () => {
    busy = false;
    mark(form, false);
  });
}

/** Puts an error page in the place of this one; the address stays, so that it can be loaded again. */
function replacePage(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  document.title = page.title;
  document.body.replaceWith(document.adoptNode(page.body));
  scrollTo(0, 0);
  start();
}

/** Keeps one box in step with all boxes of a name in its table. */
function selectAll(box) {
  const table = box.closest("table, form") ?? document;
  const boxes = () => [...table.querySelectorAll("input[type=checkbox]")].filter(c => c.name === box.dataset.selectAll && c !== box && !c.disabled);
  const follow = () => {
    const all = boxes(), ticked = all.filter(c => c.checked).length;
    box.checked = ticked > 0 && ticked === all.length;
    box.indeterminate = ticked > 0 && ticked < all.length;
  };
  table.addEventListener("change", e => {
    if (e.target === box) boxes().forEach(c => { c.checked = box.checked; });
    follow();
  });
  addEventListener("pageshow", follow);
}

/**
 * Follows what the server does by itself. While it goes on only the bar moves;
 * its end is said in the page's status.
 */
function poll(part) {
  setTimeout(async () => {
    let page;
    try {
      page = new DOMParser().parseFromString(await (await fetch(part.dataset.poll)).text(), "text/html");
    } catch {
      return poll(part); // offline for a while
    }
    const fresh = page.querySelector("[data-poll]");
    if (!fresh) return location.reload(); // signed out
    if (fresh.dataset.poll) {
      const bar = part.querySelector("progress"), now = fresh.querySelector("progress");
      if (bar && now) {
        bar.value = now.value;
        bar.labels[0].textContent = now.labels[0].textContent;
      }
      return poll(part);
    }
    const focused = part.contains(document.activeElement);
    const said = document.querySelector("[role=status]"), says = page.querySelector("[role=status]");
    if (said && says && !part.contains(said)) said.textContent = says.textContent;
    part.replaceWith(document.adoptNode(fresh));
    if (focused) fresh.querySelector("a")?.focus();
  }, 2000);
}

function start() {
  document.getElementById("error-summary")?.focus();
  for (const form of document.forms) {
    conditions(form);
    if (form.dataset.autosave) autosave(form);
    if ("once" in form.dataset) once(form);
    if ("upload" in form.dataset) upload(form);
  }
  document.querySelectorAll("[data-select-all]").forEach(selectAll);
  document.querySelectorAll("[data-poll]:not([data-poll=''])").forEach(poll);
}

start();
