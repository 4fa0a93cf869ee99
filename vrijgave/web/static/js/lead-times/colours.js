// The colours of the style sheet, for who cannot read its variables.

const NAME = /^--[a-z0-9-]+$/;

export const colours = () => {
  const style = getComputedStyle(document.querySelector(".lead-times"));
  return (name) => style.getPropertyValue(name).trim();
};

export const withColours = (value, found) => {
  if (typeof value === "string") return NAME.test(value) ? found(value) : value;
  if (Array.isArray(value)) return value.map((each) => withColours(each, found));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withColours(each, found)]));
};
