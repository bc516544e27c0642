<?php
/* Small helpers for reading requests and writing answers. */

function param($name, $default = null)
{
    return isset($_GET[$name]) ? $_GET[$name] : $default;
}

function post($name, $default = null)
{
    return isset($_POST[$name]) ? $_POST[$name] : $default;
}

/** A whole number from the query string, or the end of the script with 400. */
function int_param($name, $default, $min, $max)
{
    $v = param($name);
    if ($v === null || $v === '') {
        return $default;
    }
    if (!is_string($v) || !preg_match('/^-?[0-9]{1,9}$/', $v) || $v < $min || $v > $max) {
        fail(400, $name . ' must be a number from ' . $min . ' to ' . $max);
    }
    return (int) $v;
}

function require_post()
{
    if ($_SERVER['REQUEST_METHOD'] !== 'POST') {
        header('Allow: POST');
        fail(405, 'use POST');
    }
}

function send_json($data, $status = 200)
{
    http_response_code($status);
    header('Content-Type: application/json');
    echo json_encode($data);
}

/** Plain error: a status and {"error": "..."}; ends the script. */
function fail($status, $message, $extra = array())
{
    send_json(array('error' => $message) + $extra, $status);
    exit;
}

/**
 * The envelope of the mobile API, in use since app 2.0. It always answers 200;
 * code 0 means that all is well.
 */
function envelope($data)
{
    send_json(array('code' => 0, 'msg' => 'ok', 'data' => $data));
}

function envelope_error($code, $msg)
{
    send_json(array('code' => $code, 'msg' => $msg, 'data' => array()));
    exit;
}

/** "2026-01-05 09:30:00" (UTC, as stored) to "2026-01-05T09:30:00+00:00". */
function iso_time($stored)
{
    return gmdate('c', strtotime($stored . ' UTC'));
}
