<?php
// Comes before each script of a pool: says whose answer this is.
if (isset($_SERVER['HTTP_X_TOKEN'])) {
    header('X-Token: ' . $_SERVER['HTTP_X_TOKEN']);
}
