// GOV.UK Frontend's own behaviour (error summary focus, menu on a phone, character counts). Every page works without it.
// The address comes from the page, because static files carry their hash in their name.
const address = document.querySelector('meta[name="govuk-frontend"]').content;
import(address).then(({ initAll }) => initAll());
