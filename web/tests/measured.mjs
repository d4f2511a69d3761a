// What a ruler finds on a page, which an eye may overlook: sideways scrolling, text cut off, targets too near each other for a finger.

/**
 * The faults of `page` as it is, a sentence each.
 * Cut-off text counts where nothing says so: an ellipsis is a promise that the whole is to be had.
 * A target is a fault where a circle of 24 CSS pixels around its middle meets another one: WCAG 2.2, success criterion 2.5.8.
 */
export function measured(page) {
  return page.evaluate((circle) => {
    const TARGETS = "a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [role=switch], [role=checkbox], [role=tab], [role=menuitem]";
    const faults = [];
    const root = document.scrollingElement;
    const name = (element) => {
      const label = element.getAttribute("aria-label") ?? element.textContent ?? "";
      const look = typeof element.className === "string" ? element.className.split(" ").slice(0, 3).join(".") : "";
      return `<${element.tagName.toLowerCase()}.${look}> “${label.trim().replace(/\s+/g, " ").slice(0, 40)}”`;
    };
    const isSeen = (element, box) => box.width > 2 && box.height > 2 && box.bottom > 0 && box.top < innerHeight
      && element.checkVisibility({ opacityProperty: true, visibilityProperty: true })
      && !element.closest("[aria-hidden=true], [inert], .sr-only, .react-flow__viewport, .react-flow__minimap");
    const hides = (overflow) => overflow === "hidden" || overflow === "clip";
    const canScroll = (element) => {
      for (let around = element; around; around = around.parentElement) if (["auto", "scroll"].includes(getComputedStyle(around).overflowX) && around.scrollWidth > around.clientWidth) return true;
      return false;
    };
    /** Another target than `element` that the circle around its middle meets. */
    const neighbour = (element, box) => {
      if (box.width >= circle && box.height >= circle) return undefined;
      const [x, y, reach] = [box.x + box.width / 2, box.y + box.height / 2, circle / 2 - 1];
      // What has scrolled below something else is met when it is scrolled back.
      if (!element.contains(document.elementFromPoint(x, y))) return undefined;
      for (const [right, down] of [[reach, 0], [-reach, 0], [0, reach], [0, -reach]]) {
        const met = document.elementFromPoint(x + right, y + down)?.closest(`${TARGETS}, label`);
        if (met && met !== element && !met.contains(element) && !element.contains(met) && met.control !== element) return met;
      }
      return undefined;
    };
    if (root.scrollWidth > root.clientWidth) faults.push(`the page scrolls sideways: ${root.scrollWidth} of ${root.clientWidth} px`);
    for (const element of document.body.querySelectorAll("*")) {
      const box = element.getBoundingClientRect();
      if (!isSeen(element, box)) continue;
      const style = getComputedStyle(element);
      if ([...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim())) {
        if (hides(style.overflowX) && style.textOverflow !== "ellipsis" && element.scrollWidth > element.clientWidth + 1) faults.push(`cut off at the side: ${name(element)}`);
        if (hides(style.overflowY) && style.webkitLineClamp === "none" && element.scrollHeight > element.clientHeight + 3) faults.push(`cut off below: ${name(element)}`);
        if ((box.right > innerWidth + 1 || box.left < -1) && !canScroll(element)) faults.push(`outside of the window: ${name(element)}`);
      }
      if (element.matches(TARGETS)) {
        const met = neighbour(element, box);
        if (met) faults.push(`${Math.round(box.width)} × ${Math.round(box.height)} px, with ${name(met)} beside it: ${name(element)}`);
      }
    }
    return [...new Set(faults)];
  }, 24);
}
