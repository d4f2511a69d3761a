// A sentence of the server's, in which backticks stand around what is typed or named.
export function Worded({ text }: { text: string }) {
  return text.split(/`([^`\n]+)`/).map((part, index) =>
    index % 2 === 1 ? (
      // oxlint-disable-next-line react/no-array-index-key -- parts have no identity but their order
      <code key={index} className="rounded-sm bg-hover px-1 py-px font-mono text-[0.9em]">
        {part}
      </code>
    ) : (
      part
    ),
  );
}
