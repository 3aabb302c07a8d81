"use client";

import { useEffect, useRef } from "react";
import { announce } from "./announce";
import classes from "./toast.module.css";

const KEY = "dingkeep.notification";
const SHOWN_FOR_MS = 4_000;

/** Says a sentence on the page that the browser loads next: what was deleted has no page of its own any more. */
export function showToastAfterLoad(sentence: string): void {
  sessionStorage.setItem(KEY, sentence);
}

function focusHeading(): void {
  const heading = document.querySelector<HTMLElement>("main h1");
  heading?.setAttribute("tabindex", "-1");
  heading?.focus();
}

/** A quiet word about what is done and asks for nothing: seen for four seconds, and heard. */
export function Toast() {
  const shown = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    const place = shown.current;
    const sentence = sessionStorage.getItem(KEY);
    if (sentence === null || !place) return;
    sessionStorage.removeItem(KEY);
    place.textContent = sentence;
    place.hidden = false;
    announce(sentence);
    // Where the button was, nothing is: the page begins at its heading.
    focusHeading();
    setTimeout(() => {
      place.hidden = true;
    }, SHOWN_FOR_MS);
  }, []);
  // The live region of the root layout says it.
  return <p ref={shown} className={classes.notification} aria-hidden hidden />;
}
