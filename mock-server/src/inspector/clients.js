
// Clients; follows the rest of the page's script

/** Calls the clients of the chosen profile. */
const clientsOf = (method, path, body) => {
  const profile = state.profiles.find((p) => p.id === $("client-profile").value);
  return call(method, profile.base_path + "/_dcx/clients" + path, body);
};

async function refreshClients() {
  if ($("clients").hidden || !$("client-profile").value) return;
  const told = await clientsOf("GET", "");
  options($("client-scope"), told.scopes.map((scope) => [scope, scope.split(".").pop()]), "everything");
  $("client-list").replaceChildren(...told.clients.map((client) => {
    const id = encodeURIComponent(client.client_id);
    const gone = client.state === "revoked";
    const facts = [client.state, client.origin, client.scopes ? client.scopes.join(" ") || "nothing" : "everything",
      client.sender_id && "sender " + client.sender_id, client.callback && "callback " + client.callback,
      client.expires && "until " + client.expires, client.older_secret_until && "older secret until " + client.older_secret_until];
    const button = (text, act) => (gone ? null : el("button", { type: "button", "aria-label": text + " " + client.client_id, on: { click: act } }, text));
    return el("li", {},
      el("span", {}, el("b", { class: gone ? "out" : "" }, client.client_id), el("small", {}, facts.filter(Boolean).join(" · "))),
      button("Rotate", () => attempt(async () => showSecret(await clientsOf("POST", "/" + id + "/rotate", {})))) || "",
      button("Revoke", () => {
        if (!confirm("Revoke " + client.client_id + "? Its tokens stop at once, and it cannot come back.")) return;
        attempt(async () => { await clientsOf("DELETE", "/" + id); await refreshClients(); });
      }) || "");
  }));
}

/** A secret, until it is put away: nobody is told it again. */
function showSecret(client) {
  const hide = () => { $("client-secret").hidden = true; $("client-secret").replaceChildren(); };
  $("client-secret").replaceChildren(
    el("p", {}, "The secret of ", el("b", {}, client.client_id), ", shown only now:"),
    el("code", {}, client.client_secret), el("br", {}),
    el("button", { type: "button", on: { click: hide } }, "Put away"));
  $("client-secret").hidden = false;
  return refreshClients();
}

$("client-profile").addEventListener("change", () => attempt(refreshClients));
$("client-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const wanted = {};
  if ($("client-id").value) wanted.client_id = $("client-id").value;
  if ($("client-scope").value) wanted.scopes = [$("client-scope").value];
  if ($("client-sender").value) wanted.sender_id = $("client-sender").value;
  attempt(async () => { await showSecret(await clientsOf("POST", "", wanted)); $("client-id").value = ""; });
});
