<?php
/* What a basket costs. */

/**
 * Takes items[n][sku], items[n][quantity], country and coupon of a form.
 * Ends the script with 400 when the basket makes no sense and with 503 while
 * the tax rates of the country are being replaced.
 */
function pricing_calculate($form)
{
    if (!isset($form['items']) || !is_array($form['items']) || count($form['items']) === 0) {
        fail(400, 'the basket is empty');
    }
    $items    = array();
    $subtotal = 0;
    foreach ($form['items'] as $i) {
        $sku      = isset($i['sku']) ? (string) $i['sku'] : '';
        $quantity = isset($i['quantity']) ? (int) $i['quantity'] : 0;
        $product  = row('SELECT * FROM products WHERE sku = ?', array($sku));
        if ($product === null) {
            fail(400, 'unknown article ' . $sku);
        }
        if ($quantity < 1 || $quantity > 1000) {
            fail(400, 'the quantity must be from 1 to 1000');
        }
        $items[] = array(
            'sku'        => $sku,
            'name'       => $product['name'],
            'quantity'   => $quantity,
            'unit_price' => (int) $product['price'],
        );
        $subtotal += $quantity * $product['price'];
    }

    $country = isset($form['country']) ? (string) $form['country'] : '';
    $rate    = row('SELECT * FROM tax_rates WHERE country = ?', array($country));
    if ($rate === null) {
        fail(400, 'we do not ship to ' . $country);
    }
    if ($rate['updating']) {
        header('Retry-After: 30');
        fail(503, 'tax rates are being updated');
    }

    $discount = 0;
    if (isset($form['coupon']) && $form['coupon'] !== '') {
        if ($form['coupon'] !== 'SPRING10') {
            fail(400, 'unknown coupon');
        }
        $discount = (int) round($subtotal * 0.10);
    }
    $tax = (int) round(($subtotal - $discount) * $rate['rate']);

    return array(
        'items'    => $items,
        'subtotal' => $subtotal,
        'discount' => $discount,
        'tax_rate' => (float) $rate['rate'],
        'tax'      => $tax,
        'total'    => $subtotal - $discount + $tax,
        'currency' => 'EUR',
    );
}
