"use client";

import { usePathname } from "next/navigation";
import { useEffect, useRef } from "react";
import { takeLoadMark } from "./load-page";

/** Label of the button to focus on the next page. */
let requestedButton: string | null = null;

/** Focuses the button with this label on the next page, if the page has one. */
export function focusOnNextPage(button: string): void {
  requestedButton = button;
}

function takeRequestedButton(): HTMLElement | undefined {
  const label = requestedButton;
  requestedButton = null;
  if (label === null) return undefined;
  return [...document.querySelectorAll<HTMLElement>("main button")].find(
    ({ innerText }) => innerText.trim() === label,
  );
}

/** Focus targets in order of preference; `data-page-begins` marks content that replaced the page's heading. */
const BEGINNINGS = ["main [data-page-begins]", "main h1", "main"];

/** Does not scroll: Next restores the scroll position. */
function focusHeading(): void {
  const heading = BEGINNINGS.map((name) => document.querySelector<HTMLElement>(name)).find(Boolean);
  heading?.setAttribute("tabindex", "-1");
  heading?.focus({ preventScroll: true });
}

/** Focuses the requested button, or else the heading. */
export function focusPage(): void {
  const button = takeRequestedButton();
  if (button) button.focus();
  else focusHeading();
}

/** A closing Mantine dialog or menu returns the focus after 10 ms; this leaves it enough time. */
const DIALOG_RETURNS_MS = 50;

/** Focuses the heading when the focused element is removed, so that keyboard users don't lose their place. */
function keepFocus(): () => void {
  let last: EventTarget | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const isLost = () => last instanceof Node && !last.isConnected && document.activeElement === document.body;
  const onFocusIn = ({ target }: FocusEvent) => {
    last = target;
  };
  const onFocusOut = ({ target }: FocusEvent) => {
    // A click on empty space is no loss. An element that is being removed is still connected here, hence the
    // microtask.
    queueMicrotask(() => {
      if (target instanceof Node && target.isConnected && last === target) last = null;
    });
  };
  const observer = new MutationObserver(() => {
    if (!isLost()) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (isLost()) focusHeading();
    }, DIALOG_RETURNS_MS);
  });
  document.addEventListener("focusin", onFocusIn);
  document.addEventListener("focusout", onFocusOut);
  observer.observe(document.body, { childList: true, subtree: true });
  return () => {
    document.removeEventListener("focusin", onFocusIn);
    document.removeEventListener("focusout", onFocusOut);
    observer.disconnect();
    clearTimeout(timer);
  };
}

/** Focuses the heading after each navigation. A change of the query alone (a filter, a selection) moves nothing. */
export function RouteFocus() {
  const path = usePathname();
  const lastPath = useRef<string>(undefined);
  useEffect(() => {
    const before = lastPath.current;
    lastPath.current = path;
    if (before === path) return;
    // A page opened by its address keeps the browser's own starting point, before the skip link.
    if (before !== undefined || takeLoadMark()) focusPage();
  }, [path]);
  useEffect(keepFocus, []);
  return null;
}
