/** @jsxImportSource preact */
// A picture in an answer.
import { say } from "./texts";

/** A picture of our own server; one from elsewhere is only linked, since loading it may carry away what was said. */
export function Picture({ src, alt, host }: { src: string; alt: string; host: string }) {
  const own = src.startsWith(`${host}/`) || /^data:image\/(?:png|jpeg|gif|webp);/i.test(src);
  if (own) return <img src={src} alt={alt} loading="lazy" />;
  if (!/^https?:\/\//i.test(src)) return <span>{alt}</span>;
  return (
    <a href={src} target="_blank" rel="noopener noreferrer nofollow">
      {alt || say("image")}
    </a>
  );
}
