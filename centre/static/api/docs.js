// Draws the schema with Swagger's own files, which come with the software. Nothing is asked of another host.
const place = document.getElementById("api-docs");
window.SwaggerUIBundle({
  url: place.dataset.schema,
  domNode: place,
  deepLinking: true,
  validatorUrl: null,
});
