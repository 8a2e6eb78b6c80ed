// Lets the person look at the password being typed: Vietnamese typing modes change letters unseen.
const password = document.getElementById("password");
const show = document.getElementById("show-password");

document.getElementById("show-password-tick").hidden = false;
show.addEventListener("change", () => {
  password.type = show.checked ? "text" : "password";
});
password.form.addEventListener("submit", () => {
  password.type = "password"; // so that no browser offers to remember it as an ordinary text
});
