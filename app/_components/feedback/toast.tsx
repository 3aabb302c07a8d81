"use client";

import { useEffect, useRef } from "react";
import { announce } from "./announce";
import classes from "./toast.module.css";

const KEY = "dingkeep.notification";
const VISIBLE_FOR_MS = 4_000;

/** Shows a toast on the next page that loads, because the page of a deleted thing is gone. */
export function showToastAfterLoad(sentence: string): void {
  sessionStorage.setItem(KEY, sentence);
}

function focusHeading(): void {
  const heading = document.querySelector<HTMLElement>("main h1");
  heading?.setAttribute("tabindex", "-1");
  heading?.focus();
}

/** Shows the toast that the previous page left, for four seconds, and announces it. */
export function Toast() {
  const element = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    const paragraph = element.current;
    const sentence = sessionStorage.getItem(KEY);
    if (sentence === null || !paragraph) return;
    sessionStorage.removeItem(KEY);
    paragraph.textContent = sentence;
    paragraph.hidden = false;
    announce(sentence);
    focusHeading();
    setTimeout(() => {
      paragraph.hidden = true;
    }, VISIBLE_FOR_MS);
  }, []);
  // Hidden from screen readers, because `announce` has already said it.
  return <p ref={element} className={classes.notification} aria-hidden hidden />;
}
