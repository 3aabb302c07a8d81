"use client";

import { usePathname } from "next/navigation";
import { useEffect, useRef } from "react";
import { takeArrival } from "./load-page";

/** The button that the next page's focus is for, by what stands on it. */
let wantedButton: string | null = null;

/** Lets the page that is opened next begin at the button of that name, where it has one. */
export function focusOnNextPage(button: string): void {
  wantedButton = button;
}

function takeWantedButton(): HTMLElement | undefined {
  const wanted = wantedButton;
  wantedButton = null;
  if (wanted === null) return undefined;
  return [...document.querySelectorAll<HTMLElement>("main button")].find(
    ({ innerText }) => innerText.trim() === wanted,
  );
}

/** Where a page begins that changed its address and stayed: at what it says now. */
const BEGINNINGS = ["main [data-page-begins]", "main h1", "main"];

/** Never scrolls: where one was on a page is given back by others. */
function focusHeading(): void {
  const heading = BEGINNINGS.map((name) => document.querySelector<HTMLElement>(name)).find(Boolean);
  heading?.setAttribute("tabindex", "-1");
  heading?.focus({ preventScroll: true });
}

/** Moves the focus to where this page begins: the wanted button, or else the heading. */
export function focusPage(): void {
  const button = takeWantedButton();
  if (button) button.focus();
  else focusHeading();
}

/** Longer than a closed dialog or menu takes to return the focus: Mantine does so after 10 ms. */
const DIALOG_RETURNS_MS = 50;

/** Whatever had the focus and is taken from the page hands it to the heading, so that no key is ever lost. */
function keepFocus(): () => void {
  let last: EventTarget | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const isLost = () => last instanceof Node && !last.isConnected && document.activeElement === document.body;
  const onFocusIn = ({ target }: FocusEvent) => {
    last = target;
  };
  const onFocusOut = ({ target }: FocusEvent) => {
    // Somebody pressed beside everything: nothing is lost. What is being removed is still there in this moment.
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

/**
 * Where the focus is after a step: at the heading of the new page, whose title was set before. A change of the
 * query alone (a filter, a selection) moves nothing.
 */
export function RouteFocus() {
  const path = usePathname();
  const shown = useRef<string>(undefined);
  useEffect(() => {
    const before = shown.current;
    shown.current = path;
    if (before === path) return;
    // A page that was asked for by its address begins where the browser begins, at the skip link.
    if (before !== undefined || takeArrival()) focusPage();
  }, [path]);
  useEffect(keepFocus, []);
  return null;
}
