// Passkeys: a form with data-passkey ("create" or "get") hands the browser the options that the server made, and sends
// what the person's device answers. Without JavaScript the form's own words say so, and codes work.
const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (one) => one.charCodeAt(0));
const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
const named = (credentials = []) => credentials.map((one) => ({ ...one, id: toBytes(one.id) }));

const makers = {
  async create({ publicKey }) {
    const made = await navigator.credentials.create({
      publicKey: {
        ...publicKey,
        challenge: toBytes(publicKey.challenge),
        user: { ...publicKey.user, id: toBytes(publicKey.user.id) },
        excludeCredentials: named(publicKey.excludeCredentials),
      },
    });
    return {
      ...identity(made),
      response: {
        clientDataJSON: toText(made.response.clientDataJSON),
        attestationObject: toText(made.response.attestationObject),
        transports: made.response.getTransports?.() ?? [],
      },
    };
  },
  async get({ publicKey }) {
    const found = await navigator.credentials.get({
      publicKey: {
        ...publicKey,
        challenge: toBytes(publicKey.challenge),
        allowCredentials: named(publicKey.allowCredentials),
      },
    });
    const { clientDataJSON, authenticatorData, signature, userHandle } = found.response;
    return {
      ...identity(found),
      response: {
        clientDataJSON: toText(clientDataJSON),
        authenticatorData: toText(authenticatorData),
        signature: toText(signature),
        userHandle: userHandle ? toText(userHandle) : null,
      },
    };
  },
};

const identity = (credential) => ({
  id: credential.id,
  rawId: toText(credential.rawId),
  type: credential.type,
  authenticatorAttachment: credential.authenticatorAttachment,
  clientExtensionResults: credential.getClientExtensionResults(),
});

for (const form of document.querySelectorAll('form[data-passkey]')) {
  if (!window.PublicKeyCredential) continue;
  form.querySelector('[data-passkey-part]').hidden = false;
  form.querySelector('[data-passkey-missing]').hidden = true;
  const button = form.querySelector('[data-passkey-button]');
  const error = form.querySelector('[data-passkey-error]');
  button.addEventListener('click', async () => {
    error.hidden = true;
    try {
      const answer = await makers[form.dataset.passkey](JSON.parse(form.dataset.options));
      form.querySelector(`#${button.dataset.passkeyButton}`).value = JSON.stringify(answer);
      form.submit();
    } catch {
      error.hidden = false;
    }
  });
}
