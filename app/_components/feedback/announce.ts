"use client";

/** Says a result to screen readers, politely, in the live region of the root layout. */
export function announce(sentence: string): void {
  const region = document.getElementById("status");
  if (!region) return;
  // The same sentence twice in a row is heard only if the region was empty in between.
  region.textContent = "";
  requestAnimationFrame(() => {
    region.textContent = sentence;
  });
}
