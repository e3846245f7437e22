// GOV.UK Frontend shows its scripted look only where the browser can run it, so the body says so before it is drawn.
document.body.className += " js-enabled" + ("noModule" in HTMLScriptElement.prototype ? " govuk-frontend-supported" : "");
