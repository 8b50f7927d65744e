document.getElementById("app").textContent = "Recorded turns";
