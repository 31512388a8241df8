// Opens the evidence of a link in a dialog; without script the links lead to the same cards.
(() => {
  const box = document.getElementById("box");
  const inside = document.getElementById("box-in");
  if (!box || !box.showModal) return;
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a.ev");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const cards = link.dataset.ids.split(" ").map((id) => document.getElementById("e-" + id));
    const found = cards.filter(Boolean).map((card) => {
      const copy = card.cloneNode(true);
      copy.removeAttribute("id");
      return copy;
    });
    if (!found.length) return;
    event.preventDefault();
    inside.replaceChildren(...found);
    box.showModal();
    box.scrollTop = 0;
  });
  box.addEventListener("click", (event) => {
    if (event.target === box) box.close();
  });
  window.addEventListener("beforeprint", () => {
    for (const part of document.querySelectorAll("details")) part.open = true;
  });
})();
